#include <algorithm>
#include <utility>
#include <vector>

using Interval = std::pair<int, int>;

static Interval ordered(const Interval& interval) {
    if (interval.first <= interval.second) {
        return interval;
    }
    return {interval.second, interval.first};
}

static bool touches(const Interval& left, const Interval& right) {
    return right.first <= left.second;
}

std::vector<Interval> merge_intervals(const std::vector<Interval>& intervals) {
    std::vector<Interval> sorted;
    for (const Interval& interval : intervals) {
        sorted.push_back(ordered(interval));
    }
    std::sort(sorted.begin(), sorted.end());

    std::vector<Interval> merged;
    for (const Interval& interval : sorted) {
        if (!merged.empty() && touches(merged.back(), interval)) {
            merged.back().second = std::max(merged.back().second, interval.second);
        } else {
            merged.push_back(interval);
        }
    }
    return merged;
}
