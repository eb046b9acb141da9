// What tokens cost, in US dollars per million. The built-in table is of the end of 2025 and will age; a [prices] table overrides it.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace hyperagent::model {

struct Price {
  double input = 0, output = 0;  // dollars per million tokens
  double of(long long input_tokens, long long output_tokens) const {
    return (input * static_cast<double>(input_tokens) + output * static_cast<double>(output_tokens)) / 1e6;
  }
};
using PriceTable = std::map<std::string, Price>;

// The longest name in `own` that `model` begins with, else the one of the built-in table that it is, but for a date, version or tag behind
// it; a vendor before a slash ("openai/gpt-4o") is left out of the comparison. Nothing when no name fits: a guess could overdraw a budget.
std::optional<Price> price_of(const std::string& model, const PriceTable& own);

}  // namespace hyperagent::model
