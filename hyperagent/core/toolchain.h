// What the loop and the domains need of the AST tooling. Every call parses or compiles untrusted source, so the
// implementation forwards to a worker program in a box (tooling/client.h); tests have a fake.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hyperagent/core/agent.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

// Why an edit, a program or a request was turned down: data for the one who asked.
struct Refusal {
  std::string code;     // "malformed", "target_not_found", "target_ambiguous", "expectation", "forbidden", "not_applicable",
                        // "parse", "type_check", "entry_points", "duplicate", "compile", "device", "limit"
  std::string message;  // in words, with Clang's diagnostic where there is one
};

struct Rewritten {
  AgentSource source;
  std::string ast_hash;  // canonical: comments, formatting and the order of nothing else ignored
  std::vector<std::string> needs_approval = {};  // by the edit policy: why a person has to agree, one line a place
  double code_seconds = 0;  // of the call: generating code and linking, which compile() then need not do; the rest is editing and type-checking
};

struct CompiledAgent {
  std::string library;      // bytes of the shared object; the in-box runner loads it
  std::string ast_hash;
  Json object_hashes;       // {"task": hash, "meta": hash} of the compiled halves: equal hash = equal behaviour
};

template <class T>
using Verdict = std::variant<T, Refusal>;

// One object per worker thread. An Error is our own failure (the worker could not be started).
class Toolchain {
 public:
  virtual ~Toolchain() = default;
  // Applies edits in order, all or nothing, and type-checks the result.
  virtual Result<Verdict<Rewritten>> apply(const AgentSource& source, const Json& edits) = 0;
  virtual Result<Verdict<CompiledAgent>> compile(const AgentSource& source) = 0;
  // Read-only questions, by name; the reply is the worker's JSON or {"refused": {"code","message"}}:
  //   outline {"source"} | sites {"source"} | list_sites {"source","vocabulary","blocks","function"?} | draw {...} | diff {"a","b"}
  //   mutate_cpp {...} | build_cpp {...}
  //   headers {"names": ["ha/agent.h"]} -> {"headers": {name: text}}
  //   edit_source {"root","directory","flags","given","source","edits","policy","style"} -> {"source","needs_approval","diff"}: C++ that is no
  //     agent; the last "given" of its flags are the user's own
  //   outline_source {"root","directory","flags","given","source","sites"} -> {"functions"[,"sites"]}: likewise
  virtual Result<Json> ask(const std::string& request, const Json& arguments) = 0;
};

}  // namespace hyperagent
