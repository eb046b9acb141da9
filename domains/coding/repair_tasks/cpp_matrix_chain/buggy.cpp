#include <limits>
#include <vector>

static long long join_cost(const std::vector<int>& dims, int first, int split, int last) {
    const long long rows = dims[first];
    const long long inner = dims[split];
    const long long columns = dims[last + 1];
    return rows * inner * columns;
}

long long cheapest_product(const std::vector<int>& dims) {
    const int matrices = static_cast<int>(dims.size()) - 1;
    if (matrices < 2) {
        return 0;
    }
    // best[i][j]: cheapest way to multiply the matrices i..j, both included.
    std::vector<std::vector<long long>> best(matrices, std::vector<long long>(matrices, 0));
    for (int length = 2; length <= matrices; ++length) {
        for (int first = 0; first + length <= matrices; ++first) {
            const int last = first + length - 1;
            long long cheapest = std::numeric_limits<long long>::max();
            for (int split = first; split < last; ++split) {
                const long long cost =
                    best[first][split] + best[split + 1][last] + join_cost(dims, first, split, last);
                if (cost < cheapest) {
                    cheapest = cost;
                }
            }
            best[first][last] = cheapest;
        }
    }
    return best[0][matrices - 1];
}
