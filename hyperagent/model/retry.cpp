#include "hyperagent/model/retry.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <thread>

namespace hyperagent::model {
namespace {

std::optional<double> number_in(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size() || !std::isfinite(number) || number < 0) return std::nullopt;
  return number;
}

}  // namespace

double pause_before(int next_try, double jitter, std::optional<double> asked, const RetryPolicy& policy) {
  const double doubled = policy.first_seconds * std::pow(2.0, std::min(next_try - 1, 30)) * (1 + jitter / 4);
  return std::max(std::min(doubled, policy.most_seconds), asked.value_or(0));
}

std::optional<double> retry_after(const HttpReply& reply, double now) {
  if (const auto ms = reply.headers.find("retry-after-ms"); ms != reply.headers.end())
    if (const auto number = number_in(ms->second)) return *number / 1e3;
  const auto header = reply.headers.find("retry-after");
  if (header == reply.headers.end()) return std::nullopt;
  if (const auto number = number_in(header->second)) return number;
  const time_t date = curl_getdate(header->second.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::max(0.0, static_cast<double>(date) - now);
}

bool worth_a_retry(long status) { return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500; }

bool wait_for(double seconds, const CancelFlag& cancel) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (cancel) return false;
    std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(end - std::chrono::steady_clock::now(), std::chrono::milliseconds(20)));
  }
  return !cancel;
}

}  // namespace hyperagent::model
