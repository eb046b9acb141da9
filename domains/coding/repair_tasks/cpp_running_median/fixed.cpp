#include <functional>
#include <queue>
#include <vector>

class MedianTracker {
public:
    void add(int value) {
        if (lower_.empty() || value <= lower_.top()) {
            lower_.push(value);
        } else {
            upper_.push(value);
        }
        rebalance();
    }

    double median() const {
        if (lower_.size() > upper_.size()) {
            return lower_.top();
        }
        return (lower_.top() + upper_.top()) / 2.0;
    }

private:
    // lower_ holds as many values as upper_, or one more.
    void rebalance() {
        if (lower_.size() > upper_.size() + 1) {
            upper_.push(lower_.top());
            lower_.pop();
        } else if (upper_.size() > lower_.size()) {
            lower_.push(upper_.top());
            upper_.pop();
        }
    }

    std::priority_queue<int> lower_;
    std::priority_queue<int, std::vector<int>, std::greater<int>> upper_;
};

std::vector<double> running_medians(const std::vector<int>& values) {
    MedianTracker tracker;
    std::vector<double> medians;
    for (int value : values) {
        tracker.add(value);
        medians.push_back(tracker.median());
    }
    return medians;
}
