def deposit(balances, account, amount):
    if account not in balances or amount <= 0:
        return False
    balances[account] += amount
    return True


def withdraw(balances, account, amount):
    if account not in balances or amount <= 0:
        return False
    if balances[account] < amount:
        return False
    balances[account] -= amount
    return True


def transfer(balances, source, target, amount):
    if target not in balances:
        return False
    if not withdraw(balances, source, amount):
        return False
    return deposit(balances, target, amount)


def run_ledger(opening, operations):
    balances = dict(opening)
    handlers = {"deposit": deposit, "withdraw": withdraw, "transfer": transfer}
    rejected = []
    for index, operation in enumerate(operations):
        kind = operation[0]
        handler = handlers.get(kind)
        if handler is None or not handler(balances, *operation[1:]):
            rejected.append(index)
            continue
    return [balances, rejected]
