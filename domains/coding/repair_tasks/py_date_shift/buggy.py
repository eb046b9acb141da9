MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year):
    return year % 4 == 0 and year % 100 != 0


def days_in_month(year, month):
    if month == 2 and is_leap(year):
        return 29
    return MONTH_DAYS[month - 1]


def next_month(year, month):
    return (year + 1, 1) if month == 12 else (year, month + 1)


def previous_month(year, month):
    return (year - 1, 12) if month == 1 else (year, month - 1)


def shift_date(date, days):
    year, month, day = (int(part) for part in date.split("-"))
    day += days
    while day > days_in_month(year, month):
        day -= days_in_month(year, month)
        year, month = next_month(year, month)
    while day < 1:
        year, month = previous_month(year, month)
        day += days_in_month(year, month)
    return f"{year:04d}-{month:02d}-{day:02d}"
