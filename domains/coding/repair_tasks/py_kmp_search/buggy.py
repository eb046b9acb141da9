def border_table(pattern):
    """border[i] is the length of the longest proper prefix of pattern[:i + 1]
    that is also its suffix."""
    border = [0] * len(pattern)
    matched = 0
    for i in range(1, len(pattern)):
        while matched > 0 and pattern[i] != pattern[matched]:
            matched = border[matched - 1]
        if pattern[i] == pattern[matched]:
            matched += 1
        border[i] = matched
    return border


def find_all(text, pattern):
    if not pattern:
        return []
    border = border_table(pattern)
    positions = []
    matched = 0
    for i, char in enumerate(text):
        while matched > 0 and char != pattern[matched]:
            matched = border[matched - 1]
        if char == pattern[matched]:
            matched += 1
        if matched == len(pattern):
            positions.append(i - len(pattern) + 1)
            matched = 0
    return positions
