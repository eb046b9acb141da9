#include "hyperagent/report/tree_text.h"

#include <algorithm>
#include <map>
#include <set>

#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr std::size_t kChainKept = 2;     // agents shown at each end of a line of only children
constexpr std::size_t kLeavesKept = 4;    // childless children shown, the best first
constexpr std::size_t kShortestReason = 16, kLongestReason = 72;

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Iterative, like everything that walks lineages: an archive may hold a line of 100,000 agents.
class Tree {
 public:
  Tree(const std::vector<AgentRecord>& agents, int best, const TreeStyle& style)
      : agents_(agents), children_(children_of(agents)), best_(best), style_(style) {
    for (int id = best; id >= 0 && line_of_best_.insert(id).second;) id = agents_[index(id)].parents.empty() ? -1 : agents_[index(id)].parents.front();
    if (!style.all) find_chains();
  }

  std::string print() {
    for (const AgentRecord& agent : agents_)
      if (agent.parents.empty()) subtree(agent.id);
    return std::move(text_);
  }

 private:
  // One line still to be written: an agent (id >= 0) or a note.
  struct Line {
    int id = -1;
    std::string note;
    std::string margin;  // of the line itself, without its branch
    bool root = false, last = true;
    std::string margin_below() const { return root ? "" : margin + (last ? "   " : "|  "); }
    std::string branch() const { return root ? "" : margin + (last ? "`- " : "|- "); }
  };

  struct Fold {
    int next;  // the first agent shown again
    std::size_t skipped;
  };

  static std::size_t index(int id) { return static_cast<std::size_t>(id); }
  const std::vector<int>& below(int id) const { return children_[index(id)]; }

  void subtree(int root) {
    std::vector<Line> open = {{root, "", "", true, true}};
    while (!open.empty()) {
      const Line line = std::move(open.back());
      open.pop_back();
      if (line.id < 0) {
        text_ += line.branch() + line.note + "\n";
        continue;
      }
      write(line);
      std::vector<Line> next = lines_below(line);
      for (auto at = next.rbegin(); at != next.rend(); ++at) open.push_back(std::move(*at));
    }
  }

  std::vector<Line> lines_below(const Line& line) {
    const std::string margin = line.margin_below();
    std::vector<Line> lines;
    const std::vector<int>& all = below(line.id);
    if (const auto fold = folds_.find(all.empty() ? -1 : all.front()); fold != folds_.end()) {
      lines.push_back({-1, "... " + std::to_string(fold->second.skipped) + " more in line", margin, false, false});
      lines.push_back({fold->second.next, "", margin, false, true});
      return lines;
    }
    const std::set<int> hidden = style_.all ? std::set<int>() : leaves_to_hide(all);
    for (int id : all)
      if (!hidden.contains(id)) lines.push_back({id, "", margin, false, false});
    if (!hidden.empty()) lines.push_back({-1, "... " + std::to_string(hidden.size()) + " more without children", margin, false, false});
    if (!lines.empty()) lines.back().last = true;
    return lines;
  }

  // A line of only children, each with one child, is folded in its middle; the best agent is never part of one.
  bool is_link(int id) const {
    const AgentRecord& agent = agents_[index(id)];
    return id != best_ && below(id).size() == 1 && !agent.parents.empty() && below(agent.parents.front()).size() == 1;
  }

  void find_chains() {
    for (const AgentRecord& agent : agents_) {
      if (!is_link(agent.id) || is_link(agent.parents.front())) continue;  // not the first of its line
      std::vector<int> chain;
      for (int at = agent.id; is_link(at); at = below(at).front()) chain.push_back(at);
      if (chain.size() < 2 * kChainKept + 2) continue;
      const std::size_t hidden = chain.size() - 2 * kChainKept;
      folds_[chain[kChainKept]] = {chain[kChainKept + hidden], hidden};
    }
  }

  std::set<int> leaves_to_hide(const std::vector<int>& all) const {
    std::vector<int> leaves;
    for (int id : all)
      if (below(id).empty() && !line_of_best_.contains(id)) leaves.push_back(id);
    if (leaves.size() <= kLeavesKept + 1) return {};
    std::stable_sort(leaves.begin(), leaves.end(), [&](int a, int b) { return ranking_score(agents_[index(a)]) > ranking_score(agents_[index(b)]); });
    return {leaves.begin() + kLeavesKept, leaves.end()};
  }

  void write(const Line& line) {
    const AgentRecord& agent = agents_[index(line.id)];
    std::string facts = "  train " + mean_text(agent.train) + "  val " + mean_text(agent.val);
    if (!below(line.id).empty()) facts += "  " + plural(below(line.id).size(), "child");
    if (line.id == best_) facts += "  <- best";
    std::string head = line.branch() + std::to_string(agent.id);
    const std::size_t used = width_of(head) + facts.size() + 1;
    const std::size_t room = used + kShortestReason < style_.width ? style_.width - used : kShortestReason;
    const std::string words = agent.parents.empty() ? origin_text(agent) : agent.reason;
    head += " " + one_line(words, std::min(room, kLongestReason));
    text_ += head + facts + "\n";
  }

  const std::vector<AgentRecord>& agents_;
  std::vector<std::vector<int>> children_;
  int best_;
  TreeStyle style_;
  std::set<int> line_of_best_;
  std::map<int, Fold> folds_;  // by the first agent left out
  std::string text_;
};

}  // namespace

std::vector<std::vector<int>> children_of(const std::vector<AgentRecord>& agents) {
  std::vector<std::vector<int>> children(agents.size());
  for (const AgentRecord& agent : agents)
    if (!agent.parents.empty()) children[static_cast<std::size_t>(agent.parents.front())].push_back(agent.id);
  return children;
}

std::string tree_text(const std::vector<AgentRecord>& agents, int best, const TreeStyle& style) {
  if (agents.empty()) return "no agents yet\n";
  return Tree(agents, best, style).print();
}

Json tree_json(const std::vector<AgentRecord>& agents, int best) {
  const auto children = children_of(agents);
  Json list = Json::array();
  for (const AgentRecord& agent : agents)
    list.push_back({{"id", agent.id},
                    {"commit", agent.commit},
                    {"parents", agent.parents},
                    {"origin", agent.origin},
                    {"generation", agent.generation},
                    {"reason", agent.reason},
                    {"train", to_json(agent.train)},
                    {"val", to_json(agent.val)},
                    {"children", children[static_cast<std::size_t>(agent.id)].size()}});
  return {{"best", best}, {"agents", list}};
}

}  // namespace hyperagent
