#include <algorithm>
#include <stack>
#include <vector>

// Distance between the nearest lower bars on both sides of a bar that was just taken off the stack.
static int free_width(const std::stack<int>& rising, int position) {
    if (rising.empty()) {
        return position;
    }
    return position - rising.top() - 1;
}

long long largest_rectangle(const std::vector<int>& heights) {
    const int count = static_cast<int>(heights.size());
    std::stack<int> rising;
    long long largest = 0;
    // The step at position `count` acts as a bar of height 0 that closes all open bars.
    for (int position = 0; position <= count; ++position) {
        const int height = position < count ? heights[position] : 0;
        while (!rising.empty() && heights[rising.top()] >= height) {
            const long long closed = heights[rising.top()];
            rising.pop();
            largest = std::max(largest, closed * free_width(rising, position));
        }
        rising.push(position);
    }
    return largest;
}
