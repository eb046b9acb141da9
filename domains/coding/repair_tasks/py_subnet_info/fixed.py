ALL_ONES = 0xFFFFFFFF


def to_number(address):
    number = 0
    for part in address.split("."):
        number = (number << 8) | int(part)
    return number


def to_text(number):
    return ".".join(str((number >> shift) & 0xFF) for shift in (24, 16, 8, 0))


def mask_of(prefix):
    """The network mask with prefix leading one bits."""
    return (ALL_ONES << (32 - prefix)) & ALL_ONES


def host_count(prefix):
    if prefix >= 31:
        return 1 << (32 - prefix)
    return (1 << (32 - prefix)) - 2


def subnet_info(cidr):
    address, prefix_text = cidr.split("/")
    prefix = int(prefix_text)
    mask = mask_of(prefix)
    network = to_number(address) & mask
    broadcast = network | (~mask & ALL_ONES)
    return [to_text(network), to_text(broadcast), host_count(prefix)]
