#include "hyperagent/loop/summary.h"

namespace hyperagent {
namespace {

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::optional<double> share(long long part, long long whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void Tally::count(const CandidateRecord& candidate) {
  ++outcomes[candidate.outcome];
  if (candidate.outcome == "refused" || candidate.outcome == "duplicate" || candidate.outcome == "compile_failed")
    ++refused[candidate.code];
}

long long Tally::of(const std::string& outcome) const {
  auto found = outcomes.find(outcome);
  return found == outcomes.end() ? 0 : found->second;
}

std::optional<double> Tally::proposals_type_checked() const {
  long long all = 0;
  for (const auto& [outcome, n] : outcomes) all += n;
  const long long proposals = all - of("no_proposal");
  return share(proposals - of("refused"), proposals);
}

std::optional<double> Tally::children_ran() const {
  long long children = 0;
  for (const auto& [outcome, n] : outcomes)
    if (outcome != "no_proposal" && outcome != "refused" && outcome != "duplicate") children += n;
  return share(children - of("compile_failed") - of("crashed"), children);
}

Json to_json(const Tally& tally) { return {{"outcomes", tally.outcomes}, {"refused", tally.refused}}; }

Tally tally_from(const Json& json) {
  Tally tally;
  if (!json.is_object()) return tally;
  tally.outcomes = json.value("outcomes", tally.outcomes);
  tally.refused = json.value("refused", tally.refused);
  return tally;
}

Json to_json(const LoopSummary& s) {
  Json json = {{"event", "done"},
          {"generation", s.generation},
          {"best_agent", s.best_agent},
          {"best_score", json_of(s.best_score)},
          {"best_train", json_of(s.best_train)},
          {"best_val", json_of(s.best_val)},
          {"archive_head", s.archive_head},
          {"agents", s.agents},
          {"candidates", s.candidates},
          {"stopped", s.stopped},
          {"outcomes", s.tally.outcomes},
          {"refused", s.tally.refused},
          {"proposals_type_checked", json_of(s.tally.proposals_type_checked())},
          {"children_ran", json_of(s.tally.children_ran())},
          {"seconds", s.seconds},
          {"stages", s.stages.to_json()}};
  if (s.use.calls > 0) json["model"] = to_json(s.use);
  return json;
}

}  // namespace hyperagent
