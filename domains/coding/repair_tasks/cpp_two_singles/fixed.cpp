#include <utility>
#include <vector>

static unsigned exclusive_or(const std::vector<int>& values) {
    unsigned mixed = 0;
    for (int value : values) {
        mixed ^= static_cast<unsigned>(value);
    }
    return mixed;
}

static unsigned lowest_set_bit(unsigned bits) {
    return bits & (~bits + 1u);
}

std::pair<int, int> two_singles(const std::vector<int>& values) {
    // The two singles differ in every set bit of the mixed value, so one such bit separates them.
    const unsigned mixed = exclusive_or(values);
    const unsigned separator = lowest_set_bit(mixed);

    unsigned with_bit = 0;
    for (int value : values) {
        const unsigned bits = static_cast<unsigned>(value);
        if ((bits & separator) != 0) {
            with_bit ^= bits;
        }
    }
    const int one = static_cast<int>(with_bit);
    const int other = static_cast<int>(with_bit ^ mixed);
    if (one < other) {
        return {one, other};
    }
    return {other, one};
}
