from collections import deque


class Stock:
    """Lots of one product, the oldest first; each lot is [units, unit price]."""

    def __init__(self):
        self.lots = deque()

    def units(self):
        return sum(units for units, _ in self.lots)

    def value(self):
        return sum(units * price for units, price in self.lots)

    def buy(self, units, price):
        self.lots.append([units, price])

    def sell(self, wanted):
        if wanted > self.units():
            return None
        cost = 0
        while wanted > 0:
            lot = self.lots[0]
            taken = min(wanted, lot[0])
            cost += taken * lot[1]
            wanted -= taken
            if taken == lot[0]:
                self.lots.popleft()
        return cost


def run_inventory(events):
    stock = Stock()
    costs = []
    for event in events:
        if event[0] == "buy":
            stock.buy(event[1], event[2])
        else:
            costs.append(stock.sell(event[1]))
    return [costs, stock.units(), stock.value()]
