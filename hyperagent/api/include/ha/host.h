// The host as an agent sees it: data over a pipe, metered. Everything an agent cannot compute by itself is a host call.
#pragma once

#include <string>
#include <string_view>

#include <ha/value.h>

namespace ha {

class Host {
 public:
  virtual ~Host() = default;
  // Asks the host; the reply is data. A refused call gives {"error": "why"}: readers of Value then see their fallbacks.
  virtual Value call(std::string_view name, const Value& arguments) = 0;
};

}  // namespace ha
