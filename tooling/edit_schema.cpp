#include "tooling/edit_schema.h"

#include <algorithm>

#include "hyperagent/core/nearest.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

extern const char* const kEditSchemaText;  // edit_schema_text.cpp.in

namespace {

Refusal malformed(std::string why) { return {refusal::kMalformed, std::move(why)}; }

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool has_type(const Json& value, const std::string& type) {
  return type == "string" ? value.is_string() : type == "integer" && value.is_number_integer();
}

// "a string", "a whole number or a string"
std::string expected(const Json& types) {
  const auto name = [](const std::string& type) { return std::string(type == "string" ? "a string" : "a whole number"); };
  return types.is_array() ? name(types[0]) + " or " + name(types[1]) : name(types);
}

// What is wrong with a member's value; empty when nothing is.
std::string fault(const Json& value, const Json& rule) {
  if (rule.contains("type")) {
    const Json& types = rule["type"];
    const bool fits = types.is_array() ? std::any_of(types.begin(), types.end(), [&](const Json& type) { return has_type(value, type); })
                                       : has_type(value, types);
    if (!fits) return "must be " + expected(types);
  }
  if (rule.contains("enum") && std::find(rule["enum"].begin(), rule["enum"].end(), value) == rule["enum"].end())
    return "is one of " + joined(rule["enum"].get<std::vector<std::string>>());
  if (!value.is_string()) return "";
  const std::size_t size = value.get_ref<const std::string&>().size();
  if (size < rule.value("minLength", std::size_t{0})) return "must not be empty";
  if (rule.contains("maxLength") && size > rule["maxLength"].get<std::size_t>())
    return "is longer than " + rule["maxLength"].dump() + " bytes";
  return "";
}

// {"required": [NAME]} alternatives.
bool satisfies_one(const Json& edit, const Json& alternatives) {
  return std::any_of(alternatives.begin(), alternatives.end(),
                     [&](const Json& one) { return edit.contains(one["required"][0].get<std::string>()); });
}

std::string alternatives_text(const Json& alternatives) {
  std::string text;
  for (const Json& one : alternatives) text += (text.empty() ? "" : " or ") + one["required"][0].dump();
  return text;
}

std::optional<Refusal> check_members(const std::string& op, const Json& edit, const Json& rules) {
  const Json& properties = rules["properties"];
  for (const auto& [name, value] : edit.items()) {
    if (name == "op" || name == kDonor) continue;
    if (!properties.contains(name)) return malformed(op + " has no member \"" + name + "\"" + did_you_mean(name, keys_of(properties)));
    if (const std::string wrong = fault(value, properties[name]); !wrong.empty()) return malformed(op + ": \"" + name + "\" " + wrong);
  }
  for (const Json& name : rules["required"])
    if (!edit.contains(name.get<std::string>())) {
      const Json& rule = properties[name.get<std::string>()];
      return malformed(op + " needs " + expected(rule["type"]) + " " + name.dump());
    }
  if (rules.contains("not"))
    for (const Json& pair : rules["not"]["anyOf"]) {
      const Json& names = pair["required"];
      if (edit.contains(names[0].get<std::string>()) && edit.contains(names[1].get<std::string>()))
        return malformed(op + " takes " + names[0].dump() + " or " + names[1].dump() + ", not both");
    }
  if (rules.contains("anyOf") && !satisfies_one(edit, rules["anyOf"])) return malformed(op + " needs " + alternatives_text(rules["anyOf"]));
  return std::nullopt;
}

}  // namespace

const Json& edit_schema() {
  static const Json schema = Json::parse(kEditSchemaText);
  return schema;
}

std::optional<Refusal> check_well_formed(const Json& edit) {
  if (!edit.is_object()) return malformed("an edit must be an object");
  const auto op = edit.find("op");
  if (op == edit.end() || !op->is_string()) return malformed("an edit needs a string \"op\"");
  std::vector<std::string> known;
  for (const Json& rules : edit_schema()["items"]["oneOf"]) {
    known.push_back(rules["title"].get<std::string>());
    if (*op == known.back()) return check_members(known.back(), edit, rules);
  }
  return malformed("unknown op " + op->dump(-1, ' ', false, Json::error_handler_t::replace) + did_you_mean(op->get<std::string>(), known) +
                   "; known: " + joined(known));
}

}  // namespace hyperagent::tooling
