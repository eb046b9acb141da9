QUOTE = '"'
COMMA = ","


def read_quoted(line, start):
    """Read a quoted field whose opening quote is at start.

    Returns the text of the field and the index just after its closing quote.
    """
    chars = []
    i = start + 1
    while i < len(line):
        if line[i] == QUOTE:
            if i + 1 < len(line) and line[i + 1] == QUOTE:
                chars.append(QUOTE)
                i += 2
                continue
            return "".join(chars), i + 1
        chars.append(line[i])
        i += 1
    return "".join(chars), i


def read_plain(line, start):
    """Read an unquoted field; returns its text and the index of its end."""
    end = line.find(COMMA, start)
    if end == -1:
        end = len(line)
    return line[start:end], end


def parse_csv_line(line):
    fields = []
    i = 0
    while True:
        if i < len(line) and line[i] == QUOTE:
            text, i = read_quoted(line, i)
        else:
            text, i = read_plain(line, i)
        fields.append(text)
        if i >= len(line):
            return fields
        i += 1
