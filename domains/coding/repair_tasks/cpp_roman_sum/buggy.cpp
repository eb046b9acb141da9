#include <string>
#include <utility>
#include <vector>

int digit_value(char digit) {
    switch (digit) {
        case 'I': return 1;
        case 'V': return 5;
        case 'X': return 10;
        case 'L': return 50;
        case 'C': return 100;
        case 'D': return 500;
        case 'M': return 1000;
        default: return 0;
    }
}

int from_roman(const std::string& numeral) {
    int total = 0;
    for (std::size_t i = 0; i < numeral.size(); ++i) {
        const int value = digit_value(numeral[i]);
        const int next = i + 1 < numeral.size() ? digit_value(numeral[i + 1]) : 0;
        total += value < next ? -value : value;
    }
    return total;
}

std::string to_roman(int number) {
    const std::vector<std::pair<int, std::string>> steps = {
        {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
        {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};
    std::string numeral;
    for (const auto& [value, letters] : steps) {
        if (number >= value) {
            numeral += letters;
            number -= value;
        }
    }
    return numeral;
}

std::string roman_sum(const std::vector<std::string>& numerals) {
    int sum = 0;
    for (const std::string& numeral : numerals) {
        sum += from_roman(numeral);
    }
    if (sum < 1 || sum > 3999) {
        return "?";
    }
    return to_roman(sum);
}
