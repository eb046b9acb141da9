FRAMES = 10
PINS = 10


def is_strike(rolls, at):
    return rolls[at] == PINS


def is_spare(rolls, at):
    return rolls[at] + rolls[at + 1] == PINS


def frame_score(rolls, at):
    """Score of the frame that begins with roll number at, and its number of rolls."""
    if is_strike(rolls, at):
        return PINS + rolls[at + 1] + rolls[at + 2], 1
    if is_spare(rolls, at):
        return PINS + rolls[at + 1], 2
    return rolls[at] + rolls[at + 1], 2


def score_game(rolls):
    total = 0
    at = 0
    for _ in range(FRAMES):
        score, used = frame_score(rolls, at)
        total += score
        at += used
    return total
