// What the tests of the edit language share: marked source in, source out, one line a case. The source stands in front of solve().
#pragma once

#include "tests/tooling/fixture.h"
#include "tooling/edits.h"

namespace hyperagent::tooling {

inline const std::string kSolve = "ha::Answer solve(const ha::Task&, ha::Host&) { return ha::Answer(); }\n";

inline std::string with_head(const std::string& source) { return "#include <ha/agent.h>\n" + source + "\n" + kSolve; }

inline Json list_of(const Json& edit) {
  Json list = Json::array();
  list.push_back(edit);
  return list;
}

// The task half after the edit; the refusal's code and message when it is refused.
inline std::string edited(const std::string& before, const Json& edit) {
  auto result = apply_edits(test_compiler(), agent_with(before + "\n" + kSolve), list_of(edit));
  if (const auto* refusal = std::get_if<Refusal>(&result)) return refusal->code + ": " + refusal->message;
  return std::get<Files>(result).at("task/solve.cpp");
}

inline void check(const std::string& before, const Json& edit, const std::string& after) {
  INFO(edit.dump());
  CHECK(edited(before, edit) == with_head(after));
}

inline Refusal refusal_of(const std::string& before, const Json& edit, const EditRules& rules = {}) {
  auto result = apply_edits(test_compiler(), agent_with(before + "\n" + kSolve), list_of(edit), rules);
  if (const auto* refusal = std::get_if<Refusal>(&result)) return *refusal;
  return {"", std::get<Edited>(result).files.at("task/solve.cpp")};
}

}  // namespace hyperagent::tooling
