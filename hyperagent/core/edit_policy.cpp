#include "hyperagent/core/edit_policy.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace hyperagent {
namespace {

std::optional<EditDecision> decision_from(const Json& json) {
  if (json == "allow") return EditDecision::Allow;
  if (json == "needs_approval") return EditDecision::NeedsApproval;
  if (json == "deny") return EditDecision::Deny;
  return std::nullopt;
}

constexpr const char* kDecisions = "\"allow\", \"needs_approval\" or \"deny\"";

bool among(const std::string& word, std::initializer_list<std::string_view> known) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

// "f(const A &)" and "f(const A&)" are one signature.
std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

}  // namespace

bool glob_matches(const std::string& pattern, const std::string& text) {
  std::size_t p = 0, t = 0, star = std::string::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<EditPolicy> EditPolicy::from(const Json& json) {
  EditPolicy policy;
  if (json.is_null()) return policy;
  if (!json.is_object()) return user_error("a policy must be a JSON object with \"rules\"");
  for (const auto& [name, value] : json.items())
    if (!among(name, {"default", "rules", "why"}))
      return user_error("the policy has an unknown member \"" + name + "\"; known: default, rules, why");
  if (json.contains("default")) {
    const auto decision = decision_from(json["default"]);
    if (!decision) return user_error(std::string("the policy's \"default\" must be ") + kDecisions);
    policy.default_ = *decision;
  }
  if (json.contains("why") && !json["why"].is_string()) return user_error("the policy's \"why\" must be a string");
  policy.default_text_ = json.value("why", policy.default_text_);
  if (!json.contains("rules")) return policy;
  if (!json["rules"].is_array()) return user_error("the policy's \"rules\" must be a list");
  for (std::size_t i = 0; i < json["rules"].size(); ++i) {
    const Json& given = json["rules"][i];
    const std::string where = "rule " + std::to_string(i + 1) + " of the policy ";
    if (!given.is_object()) return user_error(where + "must be an object");
    for (const auto& [name, value] : given.items()) {
      if (!among(name, {"path", "function", "half", "decision", "why"}))
        return user_error(where + "has an unknown member \"" + name + "\"; known: path, function, half, decision, why");
      if (!value.is_string()) return user_error(where + "needs a string for \"" + name + "\"");
    }
    const auto decision = decision_from(given.value("decision", Json()));
    if (!decision) return user_error(where + "needs a \"decision\": " + kDecisions);
    Rule rule{given.value("path", ""), without_blanks(given.value("function", "")), given.value("half", ""), given.value("why", ""),
              *decision};
    if (!rule.half.empty() && !among(rule.half, {"task", "meta"})) return user_error(where + "knows the halves \"task\" and \"meta\" only");
    if (rule.text.empty())
      rule.text = "rule " + std::to_string(i + 1) + " of the policy: " + given.dump(-1, ' ', false, Json::error_handler_t::replace);
    policy.rules_.push_back(std::move(rule));
  }
  return policy;
}

EditPolicy::Ruling EditPolicy::ruling(const std::string& path, const std::string& half, const std::vector<std::string>& function) const {
  for (const Rule& rule : rules_) {
    if (!rule.path.empty() && !glob_matches(rule.path, path)) continue;
    if (!rule.half.empty() && rule.half != half) continue;
    const auto named = [&](const std::string& name) { return glob_matches(rule.function, without_blanks(name)); };
    if (!rule.function.empty() && std::none_of(function.begin(), function.end(), named)) continue;
    return {rule.decision, rule.text};
  }
  return {default_, default_text_};
}

}  // namespace hyperagent
