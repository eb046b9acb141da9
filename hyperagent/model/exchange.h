// One question to a model and what came of it, as it is stored: a line of JSON in the run's exchanges.jsonl.
//
//   {"site": {"entry","program","place","generation","slot"}, "number", "request": {"model","messages","temperature","max_tokens"},
//    "reply": {"text","model","stop"} | {"error","code"}, "use": {...}, "estimated", "tries", "seconds"}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hyperagent/core/model.h"

namespace hyperagent::model {

// What an exchange is found again by: 128 bits of who asked, the how manyth time, and everything it asked.
using ExchangeKey = std::pair<std::uint64_t, std::uint64_t>;

struct Exchange {
  CallSite site;
  int number = 0;
  Json request;  // as above
  Json reply;
  ModelUse use;
  bool estimated = false;
  int tries = 1;
  double seconds = 0;

  ExchangeKey key() const;
};

ExchangeKey key_of(const CallSite& site, int number, const Json& request);
Json to_json(const Exchange& exchange);
// Throws Json::exception on what is no exchange.
Exchange exchange_from(const Json& json);

// The texts of a request, one behind the other.
std::string request_text(const Json& request);

std::uint64_t hash_of(std::string_view text, std::uint64_t start);

}  // namespace hyperagent::model
