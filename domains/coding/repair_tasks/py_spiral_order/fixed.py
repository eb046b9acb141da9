def walk_row(matrix, row, first, last):
    """Elements of one row from column first to column last, in either direction."""
    step = 1 if first <= last else -1
    return [matrix[row][col] for col in range(first, last + step, step)]


def walk_column(matrix, col, first, last):
    """Elements of one column from row first to row last, in either direction."""
    step = 1 if first <= last else -1
    return [matrix[row][col] for row in range(first, last + step, step)]


def spiral_order(matrix):
    if not matrix or not matrix[0]:
        return []
    top, bottom = 0, len(matrix) - 1
    left, right = 0, len(matrix[0]) - 1
    result = []
    while top <= bottom and left <= right:
        result += walk_row(matrix, top, left, right)
        top += 1
        if top <= bottom:
            result += walk_column(matrix, right, top, bottom)
        right -= 1
        if top <= bottom and left <= right:
            result += walk_row(matrix, bottom, right, left)
        bottom -= 1
        if left <= right and top <= bottom:
            result += walk_column(matrix, left, bottom, top)
        left += 1
    return result
