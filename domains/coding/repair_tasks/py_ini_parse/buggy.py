COMMENT_MARKS = ("#", ";")


def section_name(line):
    """The name in a section header such as [name], or None for other lines."""
    if line.startswith("[") and line.endswith("]"):
        return line[1:-1].strip()
    return None


def split_pair(line):
    """Key and value of a line with an equals sign, or None without one."""
    if "=" not in line:
        return None
    key, _, value = line.rpartition("=")
    return key.strip(), value.strip()


def parse_ini(text):
    sections = {}
    current = ""
    for raw in text.split("\n"):
        line = raw.strip()
        if not line or line.startswith(COMMENT_MARKS):
            continue
        name = section_name(line)
        if name is not None:
            current = name
            sections.setdefault(current, {})
            continue
        pair = split_pair(line)
        if pair is not None:
            key, value = pair
            sections.setdefault(current, {})[key] = value
    return sections
