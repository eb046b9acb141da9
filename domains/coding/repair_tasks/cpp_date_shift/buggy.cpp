#include <string>

struct Date {
    int year;
    int month;
    int day;
};

bool is_leap(int year) {
    return year % 4 == 0 && year % 100 != 0;
}

int days_in_month(int year, int month) {
    if (month == 2) {
        return is_leap(year) ? 29 : 28;
    }
    if (month == 4 || month == 6 || month == 9 || month == 11) {
        return 30;
    }
    return 31;
}

Date parse_date(const std::string& text) {
    return Date{std::stoi(text.substr(0, 4)), std::stoi(text.substr(5, 2)), std::stoi(text.substr(8, 2))};
}

std::string padded(int number, std::size_t width) {
    std::string digits = std::to_string(number);
    while (digits.size() < width) {
        digits = "0" + digits;
    }
    return digits;
}

std::string shift_date(const std::string& text, int days) {
    Date date = parse_date(text);
    date.day += days;
    while (date.day > days_in_month(date.year, date.month)) {
        date.day -= days_in_month(date.year, date.month);
        if (++date.month > 12) {
            date.month = 1;
            ++date.year;
        }
    }
    while (date.day < 1) {
        if (--date.month < 1) {
            date.month = 12;
            --date.year;
        }
        date.day += days_in_month(date.year, date.month);
    }
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2);
}
