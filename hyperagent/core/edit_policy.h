// Who may edit what: a list of rules, the first that matches decides. Read by the command line, asked by the tooling for every place an
// edit touches.
//
//   {"default": "allow",
//    "rules": [{"function": "solve*", "decision": "needs_approval"},
//              {"half": "meta", "path": "meta/lib_*.cpp", "decision": "deny", "why": "shared by all agents"}]}
//
// A rule has "decision" ("allow", "deny", "needs_approval"), any of "path", "function" and "half" ("task", "meta"), all of which must
// match, and an optional "why" for the refusal; the policy's own "why" goes with its default. A function is meant by its name ("mean",
// "ha::mean") in all its overloads, or by the signature of one ("mean(double)"). In "path" and "function", * stands for any characters and ?
// for one.
#pragma once

#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

enum class EditDecision { Allow, NeedsApproval, Deny };

class EditPolicy {
 public:
  EditPolicy() = default;  // allows everything
  // User error that names the rule and the member. Null gives the policy that allows everything.
  static Result<EditPolicy> from(const Json& json);

  bool allows_everything() const { return rules_.empty() && default_ == EditDecision::Allow; }

  struct Ruling {
    EditDecision decision = EditDecision::Allow;
    std::string rule;  // the rule's "why", else its text; for messages
  };
  // `function`: the names under which the place's function or other declaration is known (bare, qualified, signature); empty when it lies
  // in none, and then no rule with "function" matches.
  Ruling ruling(const std::string& path, const std::string& half, const std::vector<std::string>& function) const;

 private:
  struct Rule {
    std::string path, function, half, text;
    EditDecision decision = EditDecision::Allow;
  };
  std::vector<Rule> rules_;
  EditDecision default_ = EditDecision::Allow;
  std::string default_text_ = "the policy's default";
};

// * and ? as above; linear in the text for each *.
bool glob_matches(const std::string& pattern, const std::string& text);

}  // namespace hyperagent
