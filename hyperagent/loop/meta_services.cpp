#include "hyperagent/loop/meta_services.h"

#include "hyperagent/loop/grafts.h"
#include "hyperagent/loop/proposal.h"

namespace hyperagent {
namespace {

Json error(const std::string& why) { return {{"error", why}}; }

Result<Json> value_of(Result<std::shared_ptr<const Json>> shared) {
  if (!shared) return shared.error();
  return **shared;
}

}  // namespace

Result<Json> MetaServices::call(const std::string& name, const Json& arguments) {
  if (left_ <= 0) return error("the budget of host calls of this improve() is spent");
  --left_;
  if (!nested_within_limit(arguments)) return error("arguments are nested too deeply");
  if (name == "meta.sites") return value_of(programs_.sites(toolchain_, source_, ast_hash_, domain_));
  if (name == "meta.outline") return value_of(programs_.outline(toolchain_, source_, ast_hash_));
  if (name == "meta.draw") return draw(arguments);
  if (name == "meta.check") return check(arguments);
  if (name == "meta.source") return source(arguments);
  return error("no host call '" + cut_text(name, 100) + "' for improve()");
}

Result<Json> MetaServices::draw(const Json& arguments) {
  if (!arguments.is_object() || !arguments.value("function", Json()).is_string() || !arguments.value("kind", Json()).is_string() ||
      !arguments.value("seed", Json()).is_number())
    return error("meta.draw takes {\"function\": text, \"kind\": text, \"seed\": number}");
  Json request = about(source_, domain_);
  for (const char* member : {"function", "kind", "seed"}) request[member] = arguments[member];
  if (auto half = arguments.find("half"); half != arguments.end()) request["half"] = *half;
  auto reply = toolchain_.ask("draw", request);
  if (!reply) return reply.error();
  return without_refusal(std::move(*reply));
}

Result<Json> MetaServices::check(const Json& arguments) {
  if (!arguments.is_object() || !arguments.value("edits", Json()).is_array()) return error("meta.check takes {\"edits\": list}");
  auto edits = with_donors(arguments["edits"], [&](const Json& agent) { return pool_.donor(agent); });
  if (!edits) return edits.error();
  auto verdict = toolchain_.apply(source_, *edits);
  if (!verdict) return verdict.error();
  if (const auto* refusal = std::get_if<Refusal>(&*verdict))
    return Json{{"refused", {{"code", refusal->code}, {"message", refusal->message}}}};
  return Json{{"ok", true}};
}

Result<Json> MetaServices::source(const Json& arguments) {
  const Json agent = arguments.is_object() ? arguments.value("agent", Json()) : Json();
  if (!agent.is_number_integer()) return error("meta.source takes {\"agent\": id}");
  if (agent < 0 || agent >= pool_.size()) return error("no such agent");
  const int id = agent.get<int>();
  auto source = pool_.source(id);
  if (!source) return source.error();
  return Json{{"agent", id}, {"files", (*source)->files}};
}

}  // namespace hyperagent
