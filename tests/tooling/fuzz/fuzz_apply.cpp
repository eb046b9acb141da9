// libFuzzer target: edits as JSON text -> apply_edits -> build_agent, as the worker does it, then a parse of the result.
//
// Claims: what is refused has a reason. What is accepted and built parses in every file; what a policy denies, and what is frozen, reads as
// before; what needs approval says so. edit_mutator.cpp makes the edits, nearly valid ones mostly.
#include <algorithm>
#include <cstdint>
#include <string>

#include "hyperagent/core/json_text.h"
#include "tests/tooling/fuzz/claim.h"
#include "tests/tooling/fuzz/fuzzed_agent.h"
#include "tooling/agent_build.h"
#include "tooling/edit_code.h"
#include "tooling/edit_schema.h"
#include "tooling/edits.h"

namespace {

using namespace hyperagent;
using namespace hyperagent::tooling;

const char* const kUntouchable[] = {"[[clang::annotate(\"ha::frozen\")]] int kept(int a) { a += 1; return a; }",
                                    "int listed(int a) { return kept(a) * 2; }"};

const Compiler& compiler() {
  static const auto made = [] {
    auto created = Compiler::create(HYPERAGENT_TEST_SHARE);
    claim(created.has_value(), "Clang can be set up");
    auto built = build_agent(**created, fuzzed_agent());  // what later versions of it are compared with
    claim(built.has_value(), "building is not our failure");
    const auto* refused = std::get_if<Refusal>(&*built);
    claim(refused == nullptr, "the agent itself compiles: " + (refused == nullptr ? "" : refused->message));
    return std::move(*created);
  }();
  return *made;
}

// As the host does: nobody else says what a donor's files are.
Json with_donors(Json edits) {
  if (edits.is_array())
    for (Json& edit : edits) {
      if (!edit.is_object()) continue;
      edit.erase(kDonor);
      if (edit.value("op", Json()) == "graft") edit[kDonor] = fuzzed_donor();
    }
  return edits;
}

bool says(const std::string& text, const std::string& part) {
  const auto words = words_of(text), wanted = words_of(part);
  return std::search(words.begin(), words.end(), wanted.begin(), wanted.end()) != words.end();
}

void claim_kept(const Edited& edited) {
  const Files& before = fuzzed_agent();
  claim(edited.files.size() == before.size(), "an edit makes and drops no files");
  for (const char* text : kUntouchable)
    claim(says(edited.files.at("task/solve.cpp"), text), std::string("what may not be edited stays: ") + text);
  const bool meta_changed = edited.files.at("meta/improve.cpp") != before.at("meta/improve.cpp");
  claim(!meta_changed || !edited.needs_approval.empty(), "a change of the meta half asks for approval");
  for (const auto& [path, text] : edited.files) claim(is_utf8(text), "UTF-8 stays UTF-8 in " + path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Json edits = with_donors(parse_untrusted(std::string(reinterpret_cast<const char*>(data), size)));
  if (edits.is_discarded()) return -1;
  static const EditRules rules = {EditPolicy::from(fuzzed_policy()).value()};
  const auto result = apply_edits(compiler(), fuzzed_agent(), edits, rules);
  if (const auto* refusal = std::get_if<Refusal>(&result)) {
    claim_answer(*refusal);
    claim(is_utf8(refusal->message), "what is said about UTF-8 is UTF-8: " + refusal->message);
    return 0;
  }
  const Edited& edited = std::get<Edited>(result);
  claim_kept(edited);
  const auto built = build_agent(compiler(), edited.files);
  claim(built.has_value(), "building is not our failure: " + (built.has_value() ? "" : built.error().message));
  const auto parsed = Program::parse(compiler(), edited.files);
  const auto* refused = std::get_if<Refusal>(&parsed);
  claim(refused == nullptr || std::holds_alternative<Refusal>(*built),
        "what is built parses: " + (refused == nullptr ? "" : refused->message + "\n" + edited.files.at("task/solve.cpp")));
  const bool renames = std::all_of(edits.begin(), edits.end(), [](const Json& edit) { return edit["op"] == "rename"; });
  claim(refused == nullptr || !renames, "a renamed program parses: " + (refused == nullptr ? "" : refused->message));
  return 0;
}
