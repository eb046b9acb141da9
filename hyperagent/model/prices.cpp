#include "hyperagent/model/prices.h"

#include <cctype>

namespace hyperagent::model {
namespace {

const PriceTable& built_in() {
  static const PriceTable table = {
      {"gpt-4o", {2.5, 10}},
      {"gpt-4o-mini", {0.15, 0.6}},
      {"gpt-4.1", {2, 8}},
      {"gpt-4.1-mini", {0.4, 1.6}},
      {"gpt-4.1-nano", {0.1, 0.4}},
      {"gpt-5", {1.25, 10}},
      {"gpt-5-mini", {0.25, 2}},
      {"gpt-5-nano", {0.05, 0.4}},
      {"gpt-5-codex", {1.25, 10}},
      {"gpt-5-pro", {15, 120}},
      {"gpt-5.1", {1.25, 10}},
      {"o3-pro", {20, 80}},
      {"o3", {2, 8}},
      {"o3-mini", {1.1, 4.4}},
      {"o4-mini", {1.1, 4.4}},
      {"claude-3-5-haiku", {0.8, 4}},
      {"claude-3-5-sonnet", {3, 15}},
      {"claude-3-7-sonnet", {3, 15}},
      {"claude-sonnet-4", {3, 15}},
      {"claude-opus-4", {15, 75}},
      {"claude-opus-4-5", {5, 25}},
      {"claude-haiku-4-5", {1, 5}},
  };
  return table;
}

// What may follow the name of a listed model: a date, a version, or how it is served. "-pro" is another model, at ten times the price.
bool same_model(const std::string& rest) {
  return rest.empty() || (rest.size() > 1 && rest[0] == '-' && std::isdigit(static_cast<unsigned char>(rest[1])) != 0) || rest[0] == ':' ||
         rest[0] == '@' || rest == "-latest" || rest == "-preview";
}

const Price* longest_prefix(const std::string& model, const PriceTable& table, bool any_rest) {
  const Price* found = nullptr;
  std::size_t length = 0;
  for (const auto& [name, price] : table)
    if (model.starts_with(name) && name.size() >= length && (any_rest || same_model(model.substr(name.size())))) {
      found = &price;
      length = name.size();
    }
  return found;
}

}  // namespace

std::optional<Price> price_of(const std::string& model, const PriceTable& own) {
  const std::string bare = model.substr(model.rfind('/') + 1);  // npos + 1 is 0
  for (const PriceTable* table : {&own, &built_in()})
    for (const std::string& name : {model, bare})
      if (const Price* price = longest_prefix(name, *table, table == &own)) return *price;
  return std::nullopt;
}

}  // namespace hyperagent::model
