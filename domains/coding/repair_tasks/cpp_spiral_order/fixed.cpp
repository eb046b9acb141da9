#include <vector>

std::vector<int> spiral_order(const std::vector<std::vector<int>>& matrix) {
    std::vector<int> order;
    if (matrix.empty() || matrix[0].empty()) {
        return order;
    }
    int top = 0;
    int bottom = static_cast<int>(matrix.size()) - 1;
    int left = 0;
    int right = static_cast<int>(matrix[0].size()) - 1;

    while (top <= bottom && left <= right) {
        for (int column = left; column <= right; ++column) {
            order.push_back(matrix[top][column]);
        }
        ++top;
        for (int row = top; row <= bottom; ++row) {
            order.push_back(matrix[row][right]);
        }
        --right;
        for (int column = right; top <= bottom && column >= left; --column) {
            order.push_back(matrix[bottom][column]);
        }
        --bottom;
        for (int row = bottom; left <= right && row >= top; --row) {
            order.push_back(matrix[row][left]);
        }
        ++left;
    }
    return order;
}
