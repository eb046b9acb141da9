// What was worked out about programs, by canonical AST hash: compiled libraries, outlines, edit sites. Thread-safe. All of it is a
// function of the program alone, so whether it comes from memory or is worked out again (after a resume, or when it was forgotten)
// changes no result. Two threads that miss the same entry at once both do the work: simpler than waiting, and only ever a start-up cost.
#pragma once

#include <memory>
#include <string>

#include "hyperagent/core/toolchain.h"
#include "hyperagent/core/lru.h"

namespace hyperagent {

class Programs {
 public:
  using Library = std::shared_ptr<const CompiledAgent>;

  // The library of an archived agent: compiled again when it was forgotten. Candidates are compiled without this and remembered when they
  // are archived, so that the many that fail do not drive the parents out.
  Result<Verdict<Library>> compile(Toolchain& toolchain, const AgentSource& source, const std::string& ast_hash);
  void remember(const std::string& ast_hash, CompiledAgent compiled) { libraries_.put(ast_hash, std::move(compiled)); }
  // The "functions" of ask("outline"); empty when the tooling refused.
  Result<std::shared_ptr<const Json>> functions(Toolchain& toolchain, const AgentSource& source, const std::string& ast_hash);
  // ask("outline") and ask("sites"), whole; {"error": ...} when refused. `domain` gives "vocabulary" and "blocks".
  Result<std::shared_ptr<const Json>> outline(Toolchain& toolchain, const AgentSource& source, const std::string& ast_hash);
  Result<std::shared_ptr<const Json>> sites(Toolchain& toolchain, const AgentSource& source, const std::string& ast_hash,
                                            const Json& domain);

 private:
  static constexpr std::size_t kKept = 256;
  Lru<std::string, CompiledAgent> libraries_{kKept};
  Lru<std::string, Json> outlines_{kKept};
  Lru<std::string, Json> functions_{kKept};
  Lru<std::string, Json> sites_{kKept};
};

// The arguments every question about a program starts from: {"source": {path: text}}.
Json about(const AgentSource& source);
// The same with the domain's "vocabulary" and "blocks", which typed edits draw from.
Json about(const AgentSource& source, const Json& domain);
// A reply {"refused": {...}} as data for an agent: {"error": message}; any other reply as it is.
Json without_refusal(Json reply);

}  // namespace hyperagent
