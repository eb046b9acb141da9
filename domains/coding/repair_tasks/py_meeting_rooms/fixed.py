import heapq


def release_finished(busy, free, now):
    """Move the rooms whose meeting is over at time now back to the free heap."""
    while busy and busy[0][0] <= now:
        _, room = heapq.heappop(busy)
        heapq.heappush(free, room)


def assign_rooms(meetings):
    order = sorted(range(len(meetings)), key=lambda i: (meetings[i][0], meetings[i][1], i))
    rooms = [-1] * len(meetings)
    busy = []
    free = []
    opened = 0
    for index in order:
        start, end = meetings[index]
        release_finished(busy, free, start)
        if free:
            room = heapq.heappop(free)
        else:
            room = opened
            opened += 1
        rooms[index] = room
        heapq.heappush(busy, (end, room))
    return rooms
