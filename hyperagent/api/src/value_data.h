// The library's side of Value: what only the in-box runner and the API's own sources may see.
#pragma once

#include <memory>

#include <nlohmann/json.hpp>

#include <ha/value.h>

namespace ha {

// A place in a shared, immutable JSON document: members and items are looked at without copying.
struct Value::Data {
  std::shared_ptr<const nlohmann::json> root;
  const nlohmann::json* node;
};

Value from_json(nlohmann::json json);
const nlohmann::json& to_json(const Value& value);

}  // namespace ha
