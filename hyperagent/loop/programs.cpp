#include "hyperagent/loop/programs.h"

namespace hyperagent {

Json about(const AgentSource& source) { return {{"source", source.files}}; }

Json about(const AgentSource& source, const Json& domain) {
  return {{"source", source.files},
          {"vocabulary", domain.value("vocabulary", Json::object())},
          {"blocks", domain.value("blocks", Json::array())}};
}

Json without_refusal(Json reply) {
  if (!reply.is_object() || !reply.contains("refused")) return reply;
  const Json& refused = reply["refused"];
  return {{"error", refused.is_object() ? refused.value("message", "refused") : "refused"}};
}

Result<Verdict<Programs::Library>> Programs::compile(Toolchain& toolchain, const AgentSource& source, const std::string& ast_hash) {
  if (Library known = libraries_.find(ast_hash)) return Verdict<Library>(std::move(known));
  auto compiled = toolchain.compile(source);
  if (!compiled) return compiled.error();
  if (auto* refusal = std::get_if<Refusal>(&*compiled)) return Verdict<Library>(std::move(*refusal));
  return Verdict<Library>(libraries_.put(ast_hash, std::get<CompiledAgent>(std::move(*compiled))));
}

Result<std::shared_ptr<const Json>> Programs::outline(Toolchain& toolchain, const AgentSource& source, const std::string& ast_hash) {
  if (auto known = outlines_.find(ast_hash)) return known;
  auto reply = toolchain.ask("outline", about(source));
  if (!reply) return reply.error();
  return outlines_.put(ast_hash, without_refusal(std::move(*reply)));
}

Result<std::shared_ptr<const Json>> Programs::functions(Toolchain& toolchain, const AgentSource& source, const std::string& ast_hash) {
  if (auto known = functions_.find(ast_hash)) return known;
  auto whole = outline(toolchain, source, ast_hash);
  if (!whole) return whole.error();
  return functions_.put(ast_hash, (*whole)->is_object() ? (*whole)->value("functions", Json::array()) : Json::array());
}

Result<std::shared_ptr<const Json>> Programs::sites(Toolchain& toolchain, const AgentSource& source, const std::string& ast_hash,
                                                    const Json& domain) {
  if (auto known = sites_.find(ast_hash)) return known;
  auto reply = toolchain.ask("sites", about(source, domain));
  if (!reply) return reply.error();
  return sites_.put(ast_hash, without_refusal(std::move(*reply)));
}

}  // namespace hyperagent
