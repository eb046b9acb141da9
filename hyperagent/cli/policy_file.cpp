#include "hyperagent/cli/policy_file.h"

#include "hyperagent/cli/agent_source.h"
#include "hyperagent/core/edit_policy.h"
#include "hyperagent/core/json_text.h"

namespace hyperagent {
namespace {

constexpr std::size_t kLargestPolicy = 1 << 20;

}  // namespace

Result<Json> read_policy(const std::string& path) {
  if (path.empty()) return Json();
  auto text = read_text_file(path, kLargestPolicy);
  if (!text) return text.error();
  auto json = parse_written(*text, path);
  if (!json) return json;
  if (auto policy = EditPolicy::from(*json); !policy) return user_error(path + ": " + policy.error().message);
  return json;
}

}  // namespace hyperagent
