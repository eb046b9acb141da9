#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

class DisjointSets {
public:
    explicit DisjointSets(int count) : parent_(count), size_(count, 1) {
        std::iota(parent_.begin(), parent_.end(), 0);
    }

    int find(int item) {
        while (parent_[item] != item) {
            parent_[item] = parent_[parent_[item]];
            item = parent_[item];
        }
        return item;
    }

    void unite(int a, int b) {
        int big = find(a);
        int small = find(b);
        if (big == small) {
            return;
        }
        if (size_[big] < size_[small]) {
            std::swap(big, small);
        }
        parent_[b] = big;
        size_[big] += size_[small];
    }

private:
    std::vector<int> parent_;
    std::vector<int> size_;
};

std::vector<int> circle_sizes(int people, const std::vector<std::pair<int, int>>& friendships) {
    DisjointSets sets(people);
    for (const auto& friendship : friendships) {
        sets.unite(friendship.first, friendship.second);
    }
    std::vector<int> members(people, 0);
    for (int person = 0; person < people; ++person) {
        ++members[sets.find(person)];
    }
    members.erase(std::remove(members.begin(), members.end(), 0), members.end());
    std::sort(members.begin(), members.end(), std::greater<int>());
    return members;
}
