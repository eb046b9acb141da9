#include <utility>
#include <vector>

using Matrix = std::vector<std::vector<long long>>;

// First row at or below `step` with a non-zero entry in column `step`, or the row count.
static std::size_t pivot_row(const Matrix& matrix, std::size_t step) {
    std::size_t row = step;
    while (row < matrix.size() && matrix[row][step] == 0) {
        ++row;
    }
    return row;
}

long long determinant(Matrix matrix) {
    const std::size_t size = matrix.size();
    if (size == 0) {
        return 1;
    }
    long long sign = 1;
    long long previous = 1;
    for (std::size_t step = 0; step + 1 < size; ++step) {
        const std::size_t pivot = pivot_row(matrix, step);
        if (pivot == size) {
            return 0;
        }
        if (pivot != step) {
            std::swap(matrix[pivot], matrix[step]);
            sign = -sign;
        }
        for (std::size_t row = step + 1; row < size; ++row) {
            for (std::size_t column = step + 1; column < size; ++column) {
                const long long crossed = matrix[row][column] * matrix[step][step] -
                                          matrix[row][step] * matrix[step][column];
                matrix[row][column] = crossed / previous;
            }
        }
        previous = matrix[step][step];
    }
    return sign * matrix[size - 1][size - 1];
}
