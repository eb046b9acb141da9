#include <vector>

static std::vector<int> prime_factors(int number) {
    std::vector<int> factors;
    int rest = number;
    for (int candidate = 2; candidate * candidate <= rest; ++candidate) {
        if (rest % candidate != 0) {
            continue;
        }
        factors.push_back(candidate);
        while (rest % candidate == 0) {
            rest /= candidate;
        }
    }
    if (rest > 1) {
        factors.push_back(rest);
    }
    return factors;
}

static int totient(int number) {
    int result = number;
    for (int prime : prime_factors(number)) {
        result -= result / prime;
    }
    return result;
}

std::vector<int> totients(const std::vector<int>& numbers) {
    std::vector<int> results;
    results.reserve(numbers.size());
    for (int number : numbers) {
        results.push_back(totient(number));
    }
    return results;
}
