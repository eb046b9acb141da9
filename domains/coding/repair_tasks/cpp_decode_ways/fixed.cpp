#include <string>
#include <vector>

static int digit_value(char digit) {
    return digit - '0';
}

static bool is_letter_code(char digit) {
    return digit_value(digit) >= 1;
}

static bool is_letter_code(char tens, char ones) {
    const int code = digit_value(tens) * 10 + digit_value(ones);
    return code >= 10 && code <= 26;
}

long long decode_ways(const std::string& digits) {
    if (digits.empty()) {
        return 0;
    }
    // ways[i]: number of messages for the first i digits.
    std::vector<long long> ways(digits.size() + 1, 0);
    ways[0] = 1;
    for (std::size_t used = 1; used <= digits.size(); ++used) {
        if (is_letter_code(digits[used - 1])) {
            ways[used] += ways[used - 1];
        }
        if (used >= 2 && is_letter_code(digits[used - 2], digits[used - 1])) {
            ways[used] += ways[used - 2];
        }
    }
    return ways[digits.size()];
}
