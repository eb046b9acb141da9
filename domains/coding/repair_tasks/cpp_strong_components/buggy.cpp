#include <algorithm>
#include <utility>
#include <vector>

class Tarjan {
public:
    Tarjan(int nodes, const std::vector<std::pair<int, int>>& edges)
        : next_(nodes), order_(nodes, kUnseen), low_(nodes, 0), open_(nodes, false) {
        for (const auto& edge : edges) {
            next_[edge.first].push_back(edge.second);
        }
    }

    std::vector<std::vector<int>> run() {
        for (int node = 0; node < static_cast<int>(next_.size()); ++node) {
            if (order_[node] == kUnseen) {
                visit(node);
            }
        }
        std::sort(components_.begin(), components_.end());
        return components_;
    }

private:
    static constexpr int kUnseen = -1;

    void visit(int node) {
        order_[node] = low_[node] = counter_++;
        stack_.push_back(node);
        open_[node] = true;
        for (int target : next_[node]) {
            if (order_[target] == kUnseen) {
                visit(target);
                low_[node] = std::min(low_[node], low_[target]);
            } else {
                low_[node] = std::min(low_[node], order_[target]);
            }
        }
        if (low_[node] == order_[node]) {
            close_component(node);
        }
    }

    void close_component(int root) {
        std::vector<int> component;
        int member;
        do {
            member = stack_.back();
            stack_.pop_back();
            open_[member] = false;
            component.push_back(member);
        } while (member != root);
        std::sort(component.begin(), component.end());
        components_.push_back(component);
    }

    std::vector<std::vector<int>> next_, components_;
    std::vector<int> order_, low_, stack_;
    std::vector<bool> open_;
    int counter_ = 0;
};

std::vector<std::vector<int>> strong_components(int nodes, const std::vector<std::pair<int, int>>& edges) {
    return Tarjan(nodes, edges).run();
}
