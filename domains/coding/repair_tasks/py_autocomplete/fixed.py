from collections import Counter


class SearchHistory:
    """Counts searches and answers which ones complete a prefix."""

    def __init__(self):
        self.counts = Counter()

    def add(self, phrase):
        cleaned = phrase.strip().lower()
        if cleaned:
            self.counts[cleaned] += 1

    def completions(self, prefix):
        wanted = prefix.lower()
        return [phrase for phrase in self.counts if phrase.startswith(wanted)]

    def rank(self, phrase):
        """Sort key: frequent phrases first, then alphabetical order."""
        return (-self.counts[phrase], phrase)


def suggest(searches, prefix, limit):
    history = SearchHistory()
    for phrase in searches:
        history.add(phrase)
    found = sorted(history.completions(prefix), key=history.rank)
    return found[:limit]
