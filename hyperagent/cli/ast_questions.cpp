#include "hyperagent/cli/ast_questions.h"

namespace hyperagent {

Result<Json> ask(Toolchain& toolchain, const std::string& request, const Json& arguments, const std::string& what) {
  auto reply = toolchain.ask(request, arguments);
  if (!reply || !reply->is_object() || !reply->contains("refused")) return reply;
  const Json& refused = (*reply)["refused"];
  return user_error("cannot " + what + ": " + refused.value("code", "refused") + ": " + refused.value("message", ""));
}

Result<Json> ask_diff(Toolchain& toolchain, const AgentSource& before, const AgentSource& after) {
  return ask(toolchain, "diff", {{"a", before.files}, {"b", after.files}}, "compare the two programs");
}

}  // namespace hyperagent
