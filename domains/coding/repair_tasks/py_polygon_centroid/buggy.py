def edges(points):
    """Pairs of neighbouring corners, the last one joined to the first."""
    for i, point in enumerate(points):
        yield point, points[(i + 1) % len(points)]


def cross(a, b):
    return a[0] * b[1] - b[0] * a[1]


def mean_point(points):
    n = len(points)
    return sum(p[0] for p in points) / n, sum(p[1] for p in points) / n


def area_and_centroid(points):
    area = 0.0
    moment_x = 0.0
    moment_y = 0.0
    for a, b in edges(points):
        c = cross(a, b)
        area += c / 2
        moment_x += (a[0] + b[0]) * c
        moment_y += (a[1] + b[1]) * c
    if area == 0:
        center_x, center_y = mean_point(points)
        return [0.0, center_x, center_y]
    area = abs(area)
    center_x = moment_x / (6 * area)
    center_y = moment_y / (6 * area)
    return [area, center_x, center_y]
