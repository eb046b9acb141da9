// A run's budget of tokens and money. Counts what is in flight: a call reserves the most it can use before it is made, so that no number of
// calls at once can overdraw.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "hyperagent/core/model.h"

namespace hyperagent::model {

struct Budget {
  long long max_tokens = 0;  // 0: unlimited
  double max_cost = 0;       // US dollars; 0: unlimited
};

// Thread-safe.
class Meter {
 public:
  Meter(Budget budget, ModelUse spent) : budget_(budget), spent_(spent) {}

  // Holds a part of the budget until it is settled or destroyed (then nothing was used).
  class Reservation {
   public:
    Reservation(Meter& meter, ModelUse most) : meter_(&meter), most_(most) {}
    Reservation(Reservation&& other) noexcept : meter_(other.meter_), most_(other.most_) { other.meter_ = nullptr; }
    Reservation& operator=(Reservation&&) = delete;
    ~Reservation() { settle({}); }
    void settle(const ModelUse& used);

   private:
    Meter* meter_;
    ModelUse most_;
  };
  // Nothing when the budget does not hold it; exhausted() then says which one.
  std::optional<Reservation> reserve(const ModelUse& most);

  ModelUse spent() const;
  ModelUse in_flight() const;
  std::string exhausted() const;  // "", "tokens" or "cost"
  const Budget& budget() const { return budget_; }

 private:
  const Budget budget_;
  mutable std::mutex mutex_;
  ModelUse spent_, reserved_;
  std::string exhausted_;
};

}  // namespace hyperagent::model
