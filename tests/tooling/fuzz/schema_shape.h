// A second reading of edits.schema.json, as a JSON schema validator would do it and unlike the reader (tooling/edit_schema.cpp): the
// fuzzers compare the two.
#pragma once

#include <algorithm>

#include "hyperagent/core/json.h"

namespace hyperagent::tooling {

inline bool is_of_type(const Json& value, const Json& type) {
  if (type.is_array()) return std::any_of(type.begin(), type.end(), [&](const Json& one) { return is_of_type(value, one); });
  if (type == "object") return value.is_object();
  if (type == "integer") return value.is_number_integer();
  return type == "string" && value.is_string();
}

// One member against its rule. Lengths in bytes, as the reader counts them.
inline bool has_shape(const Json& value, const Json& rule) {
  if (rule.contains("const") && value != rule["const"]) return false;
  if (rule.contains("type") && !is_of_type(value, rule["type"])) return false;
  if (rule.contains("enum") && std::count(rule["enum"].begin(), rule["enum"].end(), value) == 0) return false;
  const std::size_t size = value.is_string() ? value.get_ref<const std::string&>().size() : 0;
  if (value.is_string() && rule.contains("minLength") && size < rule["minLength"].get<std::size_t>()) return false;
  return !value.is_string() || !rule.contains("maxLength") || size <= rule["maxLength"].get<std::size_t>();
}

inline bool has_all(const Json& edit, const Json& names) {
  return std::all_of(names.begin(), names.end(), [&](const Json& name) { return edit.contains(name.get<std::string>()); });
}

inline bool fits(const Json& edit, const Json& rules) {
  if (!is_of_type(edit, rules["type"]) || !has_all(edit, rules["required"])) return false;
  if (rules.contains("anyOf") &&
      std::none_of(rules["anyOf"].begin(), rules["anyOf"].end(), [&](const Json& one) { return has_all(edit, one["required"]); }))
    return false;
  if (rules.contains("not") &&
      std::any_of(rules["not"]["anyOf"].begin(), rules["not"]["anyOf"].end(), [&](const Json& both) { return has_all(edit, both["required"]); }))
    return false;
  const auto& members = edit.get_ref<const Json::object_t&>();
  return std::all_of(members.begin(), members.end(), [&](const auto& member) {
    return rules["properties"].contains(member.first) && has_shape(member.second, rules["properties"][member.first]);
  });
}

// Whether one edit fits exactly one operation of the schema.
inline bool fits_schema(const Json& edit, const Json& schema) {
  const Json& operations = schema["items"]["oneOf"];
  return std::count_if(operations.begin(), operations.end(), [&](const Json& rules) { return fits(edit, rules); }) == 1;
}

}  // namespace hyperagent::tooling
