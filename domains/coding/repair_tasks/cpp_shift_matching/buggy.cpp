#include <algorithm>
#include <vector>

class Roster {
public:
    Roster(const std::vector<std::vector<int>>& wanted, int shifts)
        : wanted_(wanted), worker_of_(shifts, kNobody), visited_(shifts, false) {}

    int fill() {
        int staffed = 0;
        for (int worker = 0; worker < static_cast<int>(wanted_.size()); ++worker) {
            if (place(worker)) {
                ++staffed;
            }
        }
        return staffed;
    }

private:
    static constexpr int kNobody = -1;

    // Gives the worker a shift, moving earlier workers to other shifts where needed.
    bool place(int worker) {
        for (int shift : wanted_[worker]) {
            if (visited_[shift]) {
                continue;
            }
            visited_[shift] = true;
            if (worker_of_[shift] == kNobody || place(worker_of_[shift])) {
                worker_of_[shift] = worker;
                return true;
            }
        }
        return false;
    }

    std::vector<std::vector<int>> wanted_;
    std::vector<int> worker_of_;
    std::vector<bool> visited_;
};

int most_staffed(const std::vector<std::vector<int>>& wanted, int shifts) {
    Roster roster(wanted, shifts);
    return roster.fill();
}
