#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct Lot {
    int quantity;
    long long unit_cost;
};

class Stock {
public:
    void receive(int quantity, long long unit_cost) {
        if (quantity > 0) {
            lots_.push_back(Lot{quantity, unit_cost});
        }
    }

    int on_hand() const {
        int total = 0;
        for (const Lot& lot : lots_) {
            total += lot.quantity;
        }
        return total;
    }

    // Cost of the oldest `quantity` units, which leave the stock; nothing happens if there are too few.
    std::optional<long long> issue(int quantity) {
        if (quantity > on_hand()) {
            return std::nullopt;
        }
        long long cost = 0;
        while (quantity > 0) {
            Lot& oldest = lots_.front();
            const int taken = std::min(quantity, oldest.quantity);
            cost += taken * oldest.unit_cost;
            quantity -= taken;
            oldest.quantity -= taken;
            lots_.pop_front();
        }
        return cost;
    }

private:
    std::deque<Lot> lots_;
};

// Movements: ("in", (quantity, unit cost)) or ("out", (quantity, ignored)).
std::vector<std::optional<long long>> issue_costs(
    const std::vector<std::pair<std::string, std::pair<int, long long>>>& movements) {
    Stock stock;
    std::vector<std::optional<long long>> costs;
    for (const auto& movement : movements) {
        if (movement.first == "in") {
            stock.receive(movement.second.first, movement.second.second);
        } else if (movement.first == "out") {
            costs.push_back(stock.issue(movement.second.first));
        }
    }
    return costs;
}
