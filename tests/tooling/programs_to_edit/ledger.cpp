// An account ledger: money, postings between accounts, statements and a month-end report.
#include <algorithm>
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ledger {

enum class AccountKind { Asset, Liability, Income, Expense };
enum class Status : std::uint8_t { Open, Frozen, Closed };

class Money {
 public:
  static constexpr std::int64_t cents_per_unit = 100;

  constexpr Money() = default;
  constexpr explicit Money(std::int64_t cents) : cents_(cents) {}
  static constexpr Money of(std::int64_t units, int cents = 0) { return Money(units * cents_per_unit + cents); }

  constexpr std::int64_t cents() const { return cents_; }
  constexpr bool is_zero() const { return cents_ == 0; }
  constexpr bool is_negative() const { return cents_ < 0; }

  constexpr Money operator-() const { return Money(-cents_); }
  constexpr Money& operator+=(Money other) {
    cents_ += other.cents_;
    return *this;
  }
  constexpr Money& operator-=(Money other) {
    cents_ -= other.cents_;
    return *this;
  }
  friend constexpr Money operator+(Money left, Money right) { return left += right; }
  friend constexpr Money operator-(Money left, Money right) { return left -= right; }
  friend constexpr bool operator==(Money left, Money right) { return left.cents_ == right.cents_; }
  friend constexpr std::strong_ordering operator<=>(Money left, Money right) { return left.cents_ <=> right.cents_; }

  // Rounds half away from zero.
  constexpr Money percent(int hundredths) const {
    const std::int64_t scaled = cents_ * hundredths;
    const std::int64_t half = scaled < 0 ? -5000 : 5000;
    return Money((scaled + half) / 10000);
  }

 private:
  std::int64_t cents_ = 0;
};

std::ostream& operator<<(std::ostream& out, Money money) {
  const std::int64_t magnitude = std::abs(money.cents());
  if (money.is_negative()) out << '-';
  const char old_fill = out.fill('0');
  out << magnitude / Money::cents_per_unit << '.' << std::setw(2) << magnitude % Money::cents_per_unit;
  out.fill(old_fill);
  return out;
}

struct Date {
  int year = 1970;
  int month = 1;
  int day = 1;

  auto operator<=>(const Date&) const = default;
};

class LedgerError : public std::runtime_error {
 public:
  LedgerError(const std::string& account, const std::string& reason)
      : std::runtime_error("account '" + account + "': " + reason), account_(account) {}
  const std::string& account() const noexcept { return account_; }

 private:
  std::string account_;
};

struct Entry {
  Date date;
  Money amount;
  std::string note;
  unsigned serial = 0;
};

namespace {

constexpr bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

constexpr int days_in_month(int year, int month) {
  switch (month) {
    case 2:
      return is_leap(year) ? 29 : 28;
    case 4:
    case 6:
    case 9:
    case 11:
      return 30;
    default:
      return 31;
  }
}

bool is_valid(const Date& date) {
  if (date.month < 1 || date.month > 12) return false;
  return date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

std::string format_date(const Date& date) {
  std::ostringstream out;
  out << std::setfill('0') << date.year << '-' << std::setw(2) << date.month << '-' << std::setw(2) << date.day;
  return out.str();
}

std::string format_money(Money money) {
  std::ostringstream out;
  out << money;
  return out.str();
}

std::string pad_left(const std::string& text, std::size_t width) {
  if (text.size() >= width) return text;
  return std::string(width - text.size(), ' ') + text;
}

std::string pad_right(std::string text, std::size_t width) {
  if (text.size() > width) {
    text.resize(width - 1);
    text += '~';
  }
  text.append(width - text.size(), ' ');
  return text;
}

const char* kind_name(AccountKind kind) {
  switch (kind) {
    case AccountKind::Asset:
      return "asset";
    case AccountKind::Liability:
      return "liability";
    case AccountKind::Income:
      return "income";
    case AccountKind::Expense:
      return "expense";
  }
  return "unknown";
}

}  // namespace

class Account {
 public:
  static constexpr std::size_t max_name_length = 24;

  Account(std::string name, AccountKind kind, Money overdraft = Money()) : name_(std::move(name)), kind_(kind), overdraft_(overdraft) {
    if (name_.empty() || name_.size() > max_name_length) throw std::invalid_argument("bad account name: '" + name_ + "'");
    if (overdraft_.is_negative()) throw std::invalid_argument("negative overdraft for " + name_);
  }

  const std::string& name() const { return name_; }
  AccountKind kind() const { return kind_; }
  Status status() const { return status_; }
  const std::vector<Entry>& entries() const { return entries_; }
  bool has_floor() const { return kind_ == AccountKind::Asset; }

  Money balance() const {
    const auto add_entry = [](Money sum, const Entry& entry) { return sum + entry.amount; };
    return std::accumulate(entries_.begin(), entries_.end(), Money(), add_entry);
  }

  Money balance_on(const Date& date) const {
    Money sum;
    for (const Entry& entry : entries_) {
      if (entry.date <= date) sum += entry.amount;
    }
    return sum;
  }

  std::optional<Entry> largest_entry() const {
    if (entries_.empty()) return std::nullopt;
    return *std::max_element(entries_.begin(), entries_.end(), [](const Entry& left, const Entry& right) {
      return std::abs(left.amount.cents()) < std::abs(right.amount.cents());
    });
  }

  void check_posting(Money amount) const {
    if (status_ == Status::Closed) throw LedgerError(name_, "is closed");
    if (status_ == Status::Frozen && amount.is_negative()) throw LedgerError(name_, "is frozen");
    if (has_floor() && amount.is_negative() && balance() + amount < -overdraft_) {
      throw LedgerError(name_, "cannot pay " + format_money(-amount) + " out of " + format_money(balance()));
    }
  }

  void post(Entry entry) {
    check_posting(entry.amount);
    entries_.push_back(std::move(entry));
  }

  void set_status(Status next) {
    if (next == Status::Closed && !balance().is_zero()) throw LedgerError(name_, "still holds " + format_money(balance()));
    status_ = next;
  }

 private:
  std::string name_;
  AccountKind kind_;
  Money overdraft_;
  Status status_ = Status::Open;
  std::vector<Entry> entries_;
};

class Book {
 public:
  static constexpr int max_batch_failures = 3;
  using KindTotals = std::map<AccountKind, Money>;

  Account& open(const std::string& name, AccountKind kind, Money overdraft = Money()) {
    const auto [position, inserted] = accounts_.try_emplace(name, name, kind, overdraft);
    if (!inserted) throw LedgerError(name, "exists already");
    return position->second;
  }

  Account& at(const std::string& name) { return const_cast<Account&>(std::as_const(*this).at(name)); }
  const Account& at(const std::string& name) const {
    const auto found = accounts_.find(name);
    if (found == accounts_.end()) throw LedgerError(name, "does not exist");
    return found->second;
  }

  std::optional<Money> find_balance(const std::string& name) const {
    if (const auto found = accounts_.find(name); found != accounts_.end()) return found->second.balance();
    return std::nullopt;
  }

  unsigned transfer(const Date& date, const std::string& from, const std::string& to, Money amount, const std::string& note) {
    if (!is_valid(date)) throw std::invalid_argument("bad date " + format_date(date));
    if (amount <= Money()) throw std::invalid_argument("a transfer needs a positive amount, not " + format_money(amount));
    if (from == to) throw LedgerError(from, "cannot pay itself");
    Account& source = at(from);
    Account& target = at(to);
    source.check_posting(-amount);
    target.check_posting(amount);
    const unsigned serial = ++last_serial_;
    source.post({date, -amount, note, serial});
    target.post({date, amount, note, serial});
    return serial;
  }

  bool is_balanced() const {
    Money sum;
    for (const auto& [name, account] : accounts_) sum += account.balance();
    return sum.is_zero();
  }

  KindTotals totals_by_kind() const {
    KindTotals totals;
    for (const auto& [name, account] : accounts_) totals[account.kind()] += account.balance();
    return totals;
  }

  std::vector<const Account*> ranked() const {
    std::vector<const Account*> order;
    order.reserve(accounts_.size());
    for (const auto& [name, account] : accounts_) {
      if (account.status() != Status::Closed) order.push_back(&account);
    }
    std::sort(order.begin(), order.end(), [](const Account* left, const Account* right) {
      if (left->balance() != right->balance()) return left->balance() > right->balance();
      return left->name() < right->name();
    });
    return order;
  }

  // Pays interest once on every asset account that holds at least the threshold.
  int pay_interest(const Date& date, const std::string& payer, int hundredths, Money threshold) {
    int failures = 0;
    int paid = 0;
    for (const auto& [name, account] : accounts_) {
      if (name == payer || account.kind() != AccountKind::Asset) continue;
      const Money held = account.balance_on(date);
      const Money interest = held.percent(hundredths);
      if (held < threshold || interest <= Money()) continue;
      try {
        transfer(date, payer, name, interest, "interest");
        ++paid;
      } catch (const LedgerError& error) {
        std::cerr << "skipped: " << error.what() << '\n';
        if (++failures >= max_batch_failures) break;
      }
    }
    return paid;
  }

  std::string statement(const std::string& name, const Date& from, const Date& to) const {
    const Account& account = at(name);
    std::vector<Entry> chosen;
    std::copy_if(account.entries().begin(), account.entries().end(), std::back_inserter(chosen),
                 [&from, &to](const Entry& entry) { return entry.date >= from && entry.date <= to; });
    std::sort(chosen.begin(), chosen.end(), [](const Entry& left, const Entry& right) {
      return left.date != right.date ? left.date < right.date : left.serial < right.serial;
    });
    std::string text = name + " (" + kind_name(account.kind()) + ")\n";
    const auto add_earlier = [&from](Money sum, const Entry& entry) { return entry.date < from ? sum + entry.amount : sum; };
    Money running = std::accumulate(account.entries().begin(), account.entries().end(), Money(), add_earlier);
    for (const auto& [date, amount, note, serial] : chosen) {
      running += amount;
      text += "  " + pad_left("#" + std::to_string(serial), 5) + "  " + format_date(date) + "  " + pad_right(note, 16);
      text += pad_left(format_money(amount), 12) + pad_left(format_money(running), 12) + "\n";
    }
    if (chosen.empty()) text += "  no entries\n";
    return text;
  }

 private:
  std::map<std::string, Account> accounts_;
  unsigned last_serial_ = 0;
};

}  // namespace ledger

int main() {
  using namespace ledger;
  try {
    Book book;
    book.open("salary", AccountKind::Income);
    book.open("rent", AccountKind::Expense);
    book.open("bank", AccountKind::Liability);
    Account& checking = book.open("checking", AccountKind::Asset, Money::of(200));
    book.open("savings", AccountKind::Asset);
    book.transfer({2024, 2, 1}, "salary", "checking", Money::of(2500, 50), "february pay");
    book.transfer({2024, 2, 3}, "checking", "rent", Money::of(900), "flat on the high street");
    book.transfer({2024, 2, 29}, "checking", "savings", Money::of(1200), "put aside");
    const int paid = book.pay_interest({2024, 2, 29}, "bank", 125, Money::of(500));
    std::cout << "interest paid to " << paid << " account(s)\n";
    checking.set_status(Status::Frozen);
    try {
      book.transfer({2024, 3, 1}, "checking", "rent", Money::of(900), "march rent");
    } catch (const LedgerError& error) {
      std::cout << "refused for " << error.account() << ": " << error.what() << '\n';
    }
    std::cout << book.statement("checking", {2024, 2, 1}, {2024, 2, 29});
    for (const Account* account : book.ranked()) std::cout << pad_right(account->name(), 12) << account->balance() << '\n';
    for (const auto& [kind, total] : book.totals_by_kind()) std::cout << kind_name(kind) << ": " << total << '\n';
    if (const std::optional<Entry> largest = checking.largest_entry()) std::cout << "largest: " << largest->note << '\n';
    std::cout << "savings: " << book.find_balance("savings").value_or(Money()) << '\n';
    return book.is_balanced() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
