// The library's side of Value: what only the in-box runner and the API's own sources may see.
#pragma once

#include <ha/value.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>

namespace ha {

// A place in a shared, immutable JSON document: members and items are looked at without copying.
struct Value::Data {
  std::shared_ptr<const nlohmann::json> root;
  const nlohmann::json* node;
  mutable std::atomic<long> shares = 1;  // the values that stand for it
};

Value from_json(nlohmann::json json);
const nlohmann::json& to_json(const Value& value);

}  // namespace ha
