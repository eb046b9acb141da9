from collections import OrderedDict


class Cache:
    """Keeps the most recently used entries; the oldest one comes first."""

    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = OrderedDict()

    def get(self, key):
        if key not in self.entries:
            return None
        self.entries.move_to_end(key)
        return self.entries[key]

    def put(self, key, value):
        if key not in self.entries and len(self.entries) >= self.capacity:
            self.entries.popitem(last=False)
        self.entries[key] = value
        self.entries.move_to_end(key)

    def keys(self):
        return list(self.entries)


def trace_cache(capacity, operations):
    cache = Cache(capacity)
    answers = []
    for operation in operations:
        if operation[0] == "put":
            cache.put(operation[1], operation[2])
        else:
            answers.append(cache.get(operation[1]))
    return [answers, cache.keys()]
