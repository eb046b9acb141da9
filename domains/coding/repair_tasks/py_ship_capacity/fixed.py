def days_needed(weights, capacity):
    """Number of days when each day takes as many parcels as fit, in order."""
    days = 1
    load = 0
    for weight in weights:
        if load + weight > capacity:
            days += 1
            load = 0
        load += weight
    return days


def smallest_capacity(weights, days):
    if not weights:
        return 0
    low = max(weights)
    high = sum(weights)
    while low < high:
        middle = (low + high) // 2
        if days_needed(weights, middle) <= days:
            high = middle
        else:
            low = middle + 1
    return low
