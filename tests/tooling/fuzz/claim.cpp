#include "tests/tooling/fuzz/claim.h"

#include <cstdio>
#include <cstdlib>
#include <set>

#include "hyperagent/core/json.h"
#include "tooling/program.h"

namespace hyperagent::tooling {

void claim(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "claim that does not hold: %s\n", what.c_str());
  std::abort();
}

void claim_answer(const Refusal& refusal) {
  static const std::set<std::string> codes = {refusal::kMalformed, refusal::kNotFound,      refusal::kAmbiguous, refusal::kExpectation,
                                              refusal::kForbidden, refusal::kNotApplicable, refusal::kParse,     refusal::kTypeCheck};
  claim(codes.contains(refusal.code), "a refusal has one of the language's codes, not '" + refusal.code + "'");
  claim(!refusal.message.empty(), "a refusal says why");
}

bool is_utf8(const std::string& text) {
  const Json json = text;
  return json.dump(-1, ' ', false, Json::error_handler_t::ignore) == json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hyperagent::tooling

// libLLVM and libclang-cpp are not instrumented, but share inline code with us: their allocators would hand out what our half has poisoned.
// The other options: most allocations are theirs, and cost a third of the time.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "allow_user_poisoning=0:quarantine_size_mb=16:malloc_context_size=8:max_malloc_fill_size=0";
}
