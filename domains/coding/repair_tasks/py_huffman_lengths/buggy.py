import heapq
from collections import Counter


def build_tree(counts):
    """Join the lightest nodes until one is left.

    A leaf is a character, an inner node a pair of nodes.
    """
    heap = []
    for serial, char in enumerate(sorted(counts)):
        heapq.heappush(heap, (counts[char], serial, char))
    serial = len(heap)
    while len(heap) > 1:
        weight_a, _, first = heapq.heappop(heap)
        weight_b, _, second = heapq.heappop(heap)
        heapq.heappush(heap, (weight_a + weight_b, serial, (first, second)))
        serial += 1
    return heap[0][2]


def collect(node, depth, lengths):
    if isinstance(node, str):
        lengths[node] = depth
        return
    for child in node:
        collect(child, depth + 1, lengths)


def code_lengths(text):
    counts = Counter(text)
    if not counts:
        return {}
    lengths = {}
    collect(build_tree(counts), 0, lengths)
    return lengths
