ALIVE = "#"
DEAD = "."


def live_neighbours(board, row, col):
    rows, cols = len(board), len(board[0])
    count = 0
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            if dr == 0 and dc == 0:
                continue
            if board[(row + dr) % rows][(col + dc) % cols] == ALIVE:
                count += 1
    return count


def next_state(cell, neighbours):
    if cell == ALIVE:
        return ALIVE if neighbours in (2, 3) else DEAD
    return ALIVE if neighbours == 3 else DEAD


def step(board):
    result = []
    for r, line in enumerate(board):
        cells = [next_state(cell, live_neighbours(board, r, c)) for c, cell in enumerate(line)]
        result.append("".join(cells))
    return result


def evolve(board, steps):
    for _ in range(steps):
        board = step(board)
    return board
