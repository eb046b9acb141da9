#include "hyperagent/model/meter.h"

namespace hyperagent::model {

std::optional<Meter::Reservation> Meter::reserve(const ModelUse& most) {
  std::lock_guard lock(mutex_);
  if (budget_.max_tokens > 0 && spent_.tokens() + reserved_.tokens() + most.tokens() > budget_.max_tokens) exhausted_ = "tokens";
  if (budget_.max_cost > 0 && spent_.cost + reserved_.cost + most.cost > budget_.max_cost) exhausted_ = "cost";
  if (!exhausted_.empty()) return std::nullopt;
  reserved_ += most;
  return Reservation(*this, most);
}

void Meter::Reservation::settle(const ModelUse& used) {
  if (meter_ == nullptr) return;
  std::lock_guard lock(meter_->mutex_);
  meter_->reserved_ += ModelUse{-most_.calls, -most_.input_tokens, -most_.output_tokens, -most_.cost};
  meter_->spent_ += used;
  meter_ = nullptr;
}

ModelUse Meter::spent() const {
  std::lock_guard lock(mutex_);
  return spent_;
}

ModelUse Meter::in_flight() const {
  std::lock_guard lock(mutex_);
  return reserved_;
}

std::string Meter::exhausted() const {
  std::lock_guard lock(mutex_);
  return exhausted_;
}

}  // namespace hyperagent::model
