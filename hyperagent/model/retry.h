// When a call is tried again and how long to wait before.
#pragma once

#include <optional>
#include <string>

#include "hyperagent/core/clock.h"
#include "hyperagent/model/http.h"

namespace hyperagent::model {

struct RetryPolicy {
  int tries = 6;
  double first_seconds = 0.5, most_seconds = 30;
  double longest_asked = 300;  // a server that asks for a longer pause is not waited for
};

// Doubling from the first pause on, with up to a quarter more by `jitter` (0 to 1), so that workers do not come back in step; what the server
// asks for when that is longer.
double pause_before(int next_try, double jitter, std::optional<double> asked, const RetryPolicy& policy);

// The "retry-after-ms" and "Retry-After" headers, in seconds from `now` (seconds since 1970): a number or a date.
std::optional<double> retry_after(const HttpReply& reply, double now);

bool worth_a_retry(long status);  // 408, 409, 425, 429, 5xx

// False when cancelled meanwhile.
bool wait_for(double seconds, const CancelFlag& cancel);

}  // namespace hyperagent::model
