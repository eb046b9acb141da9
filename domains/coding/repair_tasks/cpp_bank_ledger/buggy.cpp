#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

class Ledger {
public:
    explicit Ledger(long long overdraft) : overdraft_(overdraft) {}

    bool open(const std::string& name) {
        return balances_.emplace(name, 0).second;
    }

    bool deposit(const std::string& name, long long amount) {
        auto account = balances_.find(name);
        if (account == balances_.end() || amount <= 0) {
            return false;
        }
        account->second += amount;
        return true;
    }

    bool withdraw(const std::string& name, long long amount) {
        auto account = balances_.find(name);
        if (account == balances_.end() || amount <= 0 || account->second - amount < -overdraft_) {
            return false;
        }
        account->second -= amount;
        return true;
    }

    bool transfer(const std::string& from, const std::string& to, long long amount) {
        if (!withdraw(from, amount)) return false;
        if (balances_.count(to) == 0) return false;
        return deposit(to, amount);
    }

    const std::map<std::string, long long>& balances() const { return balances_; }

private:
    long long overdraft_;
    std::map<std::string, long long> balances_;
};

// Orders: "open A", "deposit A 10", "withdraw A 10", "transfer A B 10". A refused order changes nothing.
// Result: the balances at the end and the number of refused orders.
std::pair<std::map<std::string, long long>, int> run_orders(long long overdraft,
                                                            const std::vector<std::string>& orders) {
    Ledger ledger(overdraft);
    int refused = 0;
    for (const std::string& order : orders) {
        std::istringstream words(order);
        std::string verb, name, other;
        long long amount = 0;
        words >> verb >> name;
        if (verb == "transfer") words >> other;
        words >> amount;
        bool done = false;
        if (verb == "open") done = ledger.open(name);
        if (verb == "deposit") done = ledger.deposit(name, amount);
        if (verb == "withdraw") done = ledger.withdraw(name, amount);
        if (verb == "transfer") done = ledger.transfer(name, other, amount);
        if (!done) ++refused;
    }
    return {ledger.balances(), refused};
}
