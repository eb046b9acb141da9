// The built-in meta half: proposes one typed edit at a time and learns from what became of earlier ones.
//
// The host lists where an edit is possible and draws well-typed replacements; which kind of edit to try, in which half, is decided
// here, so an agent that edits this file changes how its descendants search.
#include <cmath>
#include <map>

#include <ha/meta.h>

namespace {

// How much a kind of edit is tried before anything is known about it. Templates build structure, which a blank agent lacks.
double first_weight(const std::string& kind) {
  if (kind == "loop_over") return 6.0;
  if (kind == "guard") return 4.0;
  if (kind == "cascade") return 3.0;
  if (kind == "arg_max") return 2.0;
  if (kind == "accumulate") return 1.0;
  if (kind == "expression") return 8.0;
  if (kind == "literal") return 4.0;
  if (kind == "operator") return 1.0;
  if (kind == "insert") return 0.5;
  return 0.7;
}

// Proposals of this kind in the history, and how often one raised the train score.
struct Record {
  double tried = 0;
  double better = 0;
};

Record record_of(const ha::Self& self, const std::string& kind) {
  Record record;
  for (const ha::Value& past : self.history()) {
    for (const ha::Value& edit : past.get("edits").items()) {
      if (edit.get("kind").text() != kind) continue;
      record.tried += 1.0;
      if (past.get("gain").number() > 0.0) record.better += 1.0;
    }
  }
  return record;
}

// Kinds that helped before are tried more often, kinds that keep failing less: a success rate with a prior of one in ten.
double learned_factor(const Record& record) {
  const double rate = (record.better + 1.0) / (record.tried + 10.0);
  return 0.3 + 7.0 * rate;
}

std::string place_of(const ha::Value& edit) { return edit.get("function").text() + " " + edit.get("path").text(); }

// How often edits of this very agent at the same place changed nothing: most such places are never reached.
int idle_edits(const ha::Self& self, const ha::Value& edit) {
  int idle = 0;
  for (const ha::Value& past : self.history()) {
    const std::string outcome = past.get("outcome").text();
    if (past.get("agent").number() != self.agent() || (outcome != "neutral" && outcome != "no_effect")) continue;
    for (const ha::Value& other : past.get("edits").items())
      if (place_of(other) == place_of(edit)) ++idle;
  }
  return idle;
}

// How often an edit goes to the meta half, this file included.
double share_of_meta_edits() { return 0.08; }

std::string reason_for(const ha::SiteGroup& group, const ha::Value& edit, const Record& record) {
  std::string code = edit.get("code").text(edit.get("value").text("nothing"));
  if (code.size() > 160) code = code.substr(0, 160) + "...";
  std::string reason = group.kind + " edit in " + group.function + ": " + code;
  if (record.tried > 0.0)
    reason += " (such edits helped " + std::to_string(static_cast<int>(record.better)) + " of " + std::to_string(static_cast<int>(record.tried)) + " times)";
  return reason;
}

}  // namespace

ha::Proposal improve(const ha::Self& self, ha::Host& host) {
  ha::Random random(self.seed());
  const std::vector<ha::SiteGroup> groups = ha::site_groups(self, host);
  const std::string half = random.uniform() < share_of_meta_edits() ? "meta" : "task";
  std::map<std::string, double> weight_of;  // by kind: the history is long, and kinds come once a function
  std::vector<double> weights;
  for (const ha::SiteGroup& group : groups) {
    if (weight_of.count(group.kind) == 0) weight_of[group.kind] = first_weight(group.kind) * learned_factor(record_of(self, group.kind));
    weights.push_back(group.half == half ? weight_of[group.kind] : 0.0);
  }

  ha::Proposal proposal;
  proposal.memory = self.memory();
  for (int attempt = 0; attempt < 8 && !groups.empty(); ++attempt) {
    const ha::SiteGroup& group = groups[static_cast<std::size_t>(random.pick(weights))];
    const ha::Value edit = ha::draw_edit(self, host, group, random.next());
    if (edit.is_null()) continue;
    proposal.edits = {edit};
    proposal.reason = reason_for(group, edit, record_of(self, group.kind));
    // Each idle edit halves the chance that the place is tried again; when nothing else comes up, it is.
    if (random.uniform() < std::pow(0.5, idle_edits(self, edit))) break;
  }
  return proposal;
}
