#include <optional>
#include <vector>

// Index of the smallest value, which is where the ascending run starts.
static int rotation_start(const std::vector<int>& values) {
    int low = 0;
    int high = static_cast<int>(values.size()) - 1;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (values[middle] > values[high]) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

std::optional<int> find_rotated(const std::vector<int>& values, int target) {
    const int count = static_cast<int>(values.size());
    if (count == 0) {
        return std::nullopt;
    }
    const int start = rotation_start(values);
    int low = 0;
    int high = count - 1;
    while (low <= high) {
        const int middle = low + (high - low) / 2;
        const int index = (start + middle) % count;
        if (values[index] == target) {
            return index;
        }
        if (values[index] < target) {
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    return std::nullopt;
}
