class DisjointSets:
    """Groups of numbers; the smallest member of a group is its root."""

    def __init__(self, size):
        self.parent = list(range(size))

    def find(self, item):
        while self.parent[item] != item:
            item = self.parent[item]
        return item

    def union(self, a, b):
        root_a = self.find(a)
        root_b = self.find(b)
        if root_a < root_b:
            self.parent[root_b] = root_a
        elif root_b < root_a:
            self.parent[root_a] = root_b


def merge_accounts(accounts):
    sets = DisjointSets(len(accounts))
    owner = {}
    for index, account in enumerate(accounts):
        for email in account[1:]:
            if email in owner:
                sets.union(index, owner[email])
            else:
                owner[email] = index
    emails = {}
    for email, index in owner.items():
        emails.setdefault(sets.find(index), []).append(email)
    return [[accounts[root][0]] + sorted(emails[root]) for root in sorted(emails)]
