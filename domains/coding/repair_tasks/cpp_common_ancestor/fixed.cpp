#include <utility>
#include <vector>

class AncestorTable {
public:
    explicit AncestorTable(const std::vector<int>& parent) : depth_(parent.size(), 0) {
        const int nodes = static_cast<int>(parent.size());
        int levels = 1;
        while ((1 << levels) < nodes) {
            ++levels;
        }
        up_.assign(levels, std::vector<int>(nodes, 0));
        for (int node = 1; node < nodes; ++node) {
            depth_[node] = depth_[parent[node]] + 1;
            up_[0][node] = parent[node];
            for (int level = 1; level < levels; ++level) {
                up_[level][node] = up_[level - 1][up_[level - 1][node]];
            }
        }
    }

    int common(int a, int b) const {
        if (depth_[a] < depth_[b]) {
            std::swap(a, b);
        }
        a = raise(a, depth_[a] - depth_[b]);
        for (int level = static_cast<int>(up_.size()) - 1; level >= 0; --level) {
            if (up_[level][a] != up_[level][b]) {
                a = up_[level][a];
                b = up_[level][b];
            }
        }
        return a == b ? a : up_[0][a];
    }

private:
    int raise(int node, int steps) const {
        for (int level = 0; steps > 0; ++level, steps /= 2) {
            if (steps % 2 == 1) {
                node = up_[level][node];
            }
        }
        return node;
    }

    std::vector<int> depth_;
    std::vector<std::vector<int>> up_;
};

std::vector<int> common_ancestors(const std::vector<int>& parent, const std::vector<std::pair<int, int>>& queries) {
    const AncestorTable table(parent);
    std::vector<int> answers;
    for (const auto& query : queries) {
        answers.push_back(table.common(query.first, query.second));
    }
    return answers;
}
