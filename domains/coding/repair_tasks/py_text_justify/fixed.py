def spread(words, width):
    """One fully justified line made of words, which fit into width."""
    if len(words) == 1:
        return words[0].ljust(width)
    letters = sum(len(word) for word in words)
    gaps = len(words) - 1
    each, extra = divmod(width - letters, gaps)
    parts = []
    for i, word in enumerate(words[:-1]):
        parts.append(word)
        parts.append(" " * (each + (1 if i < extra else 0)))
    parts.append(words[-1])
    return "".join(parts)


def break_lines(words, width):
    """Group words greedily into lines of at most width characters."""
    lines = []
    current = []
    length = 0
    for word in words:
        needed = len(word) + (1 if current else 0)
        if length + needed > width:
            lines.append(current)
            current = []
            length = 0
            needed = len(word)
        current.append(word)
        length += needed
    if current:
        lines.append(current)
    return lines


def justify(words, width):
    lines = break_lines(words, width)
    result = [spread(line, width) for line in lines[:-1]]
    if lines:
        result.append(" ".join(lines[-1]).ljust(width))
    return result
