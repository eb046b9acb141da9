#include <optional>
#include <utility>
#include <vector>

struct Bezout {
    long long divisor;
    long long x;
    long long y;
};

// divisor = gcd(a, b) = a * x + b * y.
static Bezout extended_euclid(long long a, long long b) {
    if (b == 0) {
        return {a, 1, 0};
    }
    const Bezout inner = extended_euclid(b, a % b);
    return {inner.divisor, inner.y, inner.x - (a / b) * inner.y};
}

static long long reduced(long long value, long long modulus) {
    const long long remainder = value % modulus;
    return remainder < 0 ? remainder + modulus : remainder;
}

std::optional<long long> solve_congruences(const std::vector<std::pair<long long, long long>>& conditions) {
    long long solution = 0;
    long long period = 1;
    for (const auto& condition : conditions) {
        const long long modulus = condition.second;
        const Bezout bezout = extended_euclid(period, modulus);
        const long long gap = condition.first - solution;
        if (gap % bezout.divisor != 0) {
            return std::nullopt;
        }
        const long long step = modulus / bezout.divisor;
        const long long factor = reduced(gap / bezout.divisor, step) * reduced(bezout.x, step);
        solution += period * (factor % step);
        period *= modulus;
    }
    return solution;
}
