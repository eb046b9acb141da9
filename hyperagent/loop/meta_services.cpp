#include "hyperagent/loop/meta_services.h"

#include <algorithm>

#include "hyperagent/loop/grafts.h"
#include "hyperagent/loop/proposal.h"

namespace hyperagent {
namespace {

Json error(const std::string& why) { return {{"error", why}}; }

constexpr std::size_t kAgentsTold = 20, kTasksTold = 10, kTasksTried = 5, kPlacesTold = 40;

Json best_agents(std::vector<Json> agents) {
  std::stable_sort(agents.begin(), agents.end(), [](const Json& a, const Json& b) { return a.at("score") > b.at("score"); });
  if (agents.size() > kAgentsTold) agents.resize(kAgentsTold);
  return {{"agents", agents}};
}

Result<Json> value_of(Result<std::shared_ptr<const Json>> shared) {
  if (!shared) return shared.error();
  return **shared;
}

}  // namespace

Result<Json> MetaServices::call(const std::string& name, const Json& arguments) {
  if (left_ <= 0) return error("the budget of host calls of this improve() is spent");
  --left_;
  if (!nested_within_limit(arguments)) return error("arguments are nested too deeply");
  if (name == "meta.sites" && arguments.is_object() && arguments.value("function", Json()).is_string()) {
    try {
      return sites_in(arguments["function"]);
    } catch (const Json::exception&) {  // a compiler worker that a source took over says what it likes
      return environment_error("the compiler worker lists sites of another shape than agreed; run `hyperagent doctor`");
    }
  }
  if (name == "meta.sites") return value_of(programs_.sites(toolchain_, source_, ast_hash_, domain_));
  if (name == "meta.outline") return value_of(programs_.outline(toolchain_, source_, ast_hash_));
  if (name == "meta.draw") return draw(arguments);
  if (name == "meta.check") return check(arguments);
  if (name == "meta.source") return source(arguments);
  if (name == "meta.api") return api();
  if (name == "meta.agents") return best_agents(agents_.told());
  if (name == "meta.diff") return diff(arguments);
  if (name == "meta.tasks") return tasks(arguments);
  if (name == "meta.try") return try_edits(arguments);
  return error("no host call '" + cut_text(name, 100) + "' for improve()");
}

// The places of one function, each once, with an edit of each kind that fits there. Edits name a place by its path and expect its text.
Result<Json> MetaServices::sites_in(const std::string& function) {
  Json request = about(source_, domain_);
  request["function"] = function;
  auto reply = toolchain_.ask("list_sites", request);
  if (!reply) return reply.error();
  Json listed = without_refusal(std::move(*reply));
  if (!listed.contains("sites")) return listed;
  Json places = Json::array();
  for (Json& site : listed["sites"]) {
    const auto known = std::find_if(places.begin(), places.end(), [&](const Json& place) {
      return place["path"] == site["path"] && place["function"] == site["function"] && place["file"] == site["file"];
    });
    const bool fresh = known == places.end();
    if (fresh && places.size() == kPlacesTold) continue;
    if (fresh)
      places.push_back({{"function", site["function"]},
                        {"file", site["file"]},
                        {"path", site["path"]},
                        {"line", site["line"]},
                        {"text", site["text"]},
                        {"edits", Json::array()}});
    Json& place = fresh ? places.back() : *known;  // adding has moved what `known` pointed at
    if (!site["edits"].empty()) place["edits"].push_back(std::move(site["edits"].front()));
  }
  if (places.empty()) return error("there is no function '" + cut_text(function, 100) + "' with a place to edit");
  return Json{{"sites", std::move(places)}};
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
  auto edits = with_donors(arguments["edits"], [&](const Json& agent) { return agents_.donor(agent); });
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
  if (!agents_.has(agent)) return error("no such agent");
  const int id = agent.get<int>();
  auto source = agents_.source(id);
  if (!source) return source.error();
  return Json{{"agent", id}, {"files", (*source)->files}};
}

Result<Json> MetaServices::api() {
  Json headers = {"ha/agent.h", "ha/value.h", "ha/host.h", "ha/model.h"};
  for (const Json& block : domain_.value("blocks", Json::array()))
    if (block.is_string() && !block.get_ref<const std::string&>().starts_with("!")) headers.push_back(block);
  auto reply = toolchain_.ask("headers", {{"names", headers}});
  if (!reply) return reply.error();
  return without_refusal(std::move(*reply));
}

Result<Json> MetaServices::diff(const Json& arguments) {
  const Json agent = arguments.is_object() ? arguments.value("agent", Json()) : Json();
  if (!agents_.has(agent)) return error("meta.diff takes {\"agent\": id} of an archived agent");
  const AgentRecord record = agents_.record(agent.get<int>());
  Json reply = PoolReader::told_of(record);
  reply["parent_train"] = record.parents.empty() ? Json() : PoolReader::told_of(agents_.record(record.parents.front()))["train"];
  reply["edits"] = record.edits;
  return reply;
}

Json MetaServices::tasks(const Json& arguments) const {
  const Json ids = arguments.is_object() ? arguments.value("tasks", Json()) : Json();
  if (!tasks_ || !ids.is_array() || ids.size() > kTasksTold) return error("meta.tasks takes {\"tasks\": up to 10 ids of train tasks}");
  Json told = Json::array();
  for (const Json& id : ids)
    if (Json task = id.is_string() ? tasks_(id.get<std::string>()) : Json(); !task.is_null()) told.push_back(std::move(task));
  return {{"tasks", told}};
}

Result<Json> MetaServices::try_edits(const Json& arguments) {
  if (!trials_) return error("meta.try is for runs with a model");
  const Json edits = arguments.is_object() ? arguments.value("edits", Json()) : Json(), tasks = arguments.is_object() ? arguments.value("tasks", Json()) : Json();
  if (!edits.is_array() || !tasks.is_array() || tasks.empty() || tasks.size() > kTasksTried) return error("meta.try takes {\"edits\": list, \"tasks\": up to 5 ids of train tasks}");
  std::vector<std::string> ids;
  for (const Json& task : tasks) {
    if (!task.is_string()) return error("a task id is a text");
    ids.push_back(task.get<std::string>());
  }
  if (trials_left_-- <= 0) return error("the budget of trials of this improve() is spent");
  if (edits.empty()) return trials_(source_, ids);
  auto resolved = with_donors(edits, [&](const Json& donor) { return agents_.donor(donor); });
  if (!resolved) return resolved.error();
  auto verdict = toolchain_.apply(source_, *resolved);
  if (!verdict) return verdict.error();
  if (const auto* refusal = std::get_if<Refusal>(&*verdict)) return Json{{"refused", {{"code", refusal->code}, {"message", refusal->message}}}};
  if (!std::get<Rewritten>(*verdict).needs_approval.empty()) return error("a person has to agree to these edits first: they cannot be tried");
  return trials_(std::get<Rewritten>(*verdict).source, ids);
}

}  // namespace hyperagent
