#include "archive/commit_message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>

namespace hyperagent {
namespace {

constexpr std::size_t kSubjectCharacters = 72;
constexpr std::size_t kEditsNamed = 20;

// Without control characters (an escape sequence in a log can rewrite a terminal); newlines and tabs stay.
std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;  // U+0080 to U+009F
    if (c1)
      ++i;
    else if ((c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t')
      out += text[i];
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out = printable(text);
  for (char& c : out)
    if (c == '\n' || c == '\t') c = ' ';
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

// Cut between characters, never inside one.
std::string cut(std::string_view text, std::size_t limit) {
  std::size_t characters = 0, end = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (characters == limit - 3) end = i;
    if (++characters > limit) return std::string(text.substr(0, end)) + "...";
  }
  return std::string(text);
}

// 0.43333 -> "0.433", whatever the locale.
std::string decimal(double value) {
  std::array<char, 400> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3);
  return std::string(text.data(), end.ptr);
}

std::string score_text(const Score& score) {
  if (score.n == 0) return "none";
  return decimal(score.mean) + " +- " + decimal(score.standard_error) + " (n=" + std::to_string(score.n) + ")";
}

bool imitates_trailer(std::string_view line) {
  for (std::string_view key : {"parent:", "generation:", "train:", "val:", "edits:"}) {
    if (line.size() < key.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < key.size(); ++i) same = same && (line[i] >= 'A' && line[i] <= 'Z' ? line[i] + 32 : line[i]) == key[i];
    if (same) return true;
  }
  return false;
}

std::string quoted_reason(std::string_view reason) {
  std::string out;
  while (!reason.empty()) {
    const std::size_t end = std::min(reason.find('\n'), reason.size());
    const std::string_view line = reason.substr(0, end);
    if (imitates_trailer(trimmed(line))) out += "> ";
    out += line;
    out += '\n';
    reason.remove_prefix(std::min(end + 1, reason.size()));
  }
  return out;
}

std::string text_at(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? one_line(at->get_ref<const std::string&>()) : "";
}

std::string edits_text(const Json& edits) {
  std::string out;
  std::size_t named = 0, more = 0;
  for (const Json& edit : edits) {
    if (!edit.is_object()) continue;
    if (named == kEditsNamed) {
      ++more;
      continue;
    }
    const std::string op = text_at(edit, "op"), function = text_at(edit, "function");
    out += (named++ == 0 ? "" : "; ") + (op.empty() ? "edit" : op) + (function.empty() ? "" : " in " + function);
  }
  return more == 0 ? out : out + "; and " + std::to_string(more) + " more";
}

}  // namespace

std::string agent_message(const AgentRecord& record) {
  const std::string clean = printable(record.reason);
  const std::string_view reason = trimmed(clean);
  std::string title;
  if (record.parents.empty())
    title = one_line(record.origin);
  else if (!reason.empty())
    title = one_line(reason.substr(0, reason.find('\n')));
  else
    title = "edit of agent " + std::to_string(record.parents.front());
  std::string message = "agent " + std::to_string(record.id) + ": " + cut(title, kSubjectCharacters) + "\n\n";
  if (!reason.empty()) message += quoted_reason(reason) + "\n";
  for (int parent : record.parents) message += "Parent: " + std::to_string(parent) + "\n";
  message += "Generation: " + std::to_string(record.generation) + "\n";
  message += "Train: " + score_text(record.train) + "\n";
  message += "Val: " + score_text(record.val) + "\n";
  if (const std::string edits = edits_text(record.edits); !edits.empty()) message += "Edits: " + edits + "\n";
  return message;
}

std::string generation_message(const LedgerGeneration& added, const std::vector<AgentRecord>& agents, int best) {
  std::size_t roots = 0;
  for (const LedgerAgent& agent : added.agents) roots += agents.at(static_cast<std::size_t>(agent.id)).parents.empty();
  std::string message = "generation " + std::to_string(added.generation) + ": ";
  if (roots > 0) message += std::to_string(roots) + (roots == 1 ? " root" : " roots");
  const std::size_t made = added.agents.size() - roots;
  if (roots == 0 || made > 0 || !added.candidates.empty())
    message += (roots > 0 ? ", " : "") + std::to_string(made) + " archived of " + std::to_string(added.candidates.size());
  if (best >= 0) {
    const Score& val = agents.at(static_cast<std::size_t>(best)).val;
    message += ", best val " + (val.n == 0 ? "none" : decimal(val.mean)) + " (agent " + std::to_string(best) + ")";
  }
  message += "\n";
  std::map<std::string, std::size_t> outcomes;
  for (const CandidateRecord& candidate : added.candidates) ++outcomes[one_line(candidate.outcome)];
  if (!outcomes.empty()) message += "\n";
  for (const auto& [outcome, count] : outcomes) message += std::to_string(count) + " " + outcome + "\n";
  return message;
}

}  // namespace hyperagent
