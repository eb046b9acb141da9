#include "hyperagent/report/phrases.h"

#include <array>
#include <charconv>
#include <cmath>

namespace hyperagent {
namespace {

constexpr std::size_t kCodeShown = 60;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }  // of a UTF-8 sequence

std::size_t characters(std::string_view text) {
  std::size_t n = 0;
  for (char c : text) n += continues(c) ? 0 : 1;
  return n;
}

std::string member(const Json& edit, const char* name) {
  const auto found = edit.find(name);
  if (found == edit.end() || found->is_null()) return "";
  return one_line(found->is_string() ? found->get<std::string>() : found->dump(-1, ' ', false, Json::error_handler_t::replace), kCodeShown);
}

std::string padded(long long value) { return (value < 10 ? "0" : "") + std::to_string(value); }

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;  // U+0080 to U+009F
    if (c1) ++i;
    else if ((c >= 0x20 && c != 0x7F) || c == '\n' || c == '\t') out += text[i];
  }
  return out;
}

std::string one_line(std::string_view text, std::size_t limit) {
  std::string out;
  for (char c : printable(text)) {
    const bool space = c == ' ' || c == '\n' || c == '\t';
    if (!space) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  if (limit == 0 || characters(out) <= limit) return out;
  std::size_t end = 0, seen = 0;
  while (end < out.size() && (continues(out[end]) || seen++ < limit - 3)) ++end;
  return out.substr(0, end) + "...";
}

std::string indented(std::string_view text, const std::string& margin) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out += margin;
    out += text.substr(0, end);
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string wrapped(std::string_view text, const std::string& margin, std::size_t width) {
  std::string out, line;
  const std::string words = one_line(text);
  std::string_view rest = words;
  while (!rest.empty()) {
    const std::size_t word_end = std::min(rest.find(' '), rest.size()), room = std::max<std::size_t>(width, characters(margin) + 1) - characters(margin);
    std::size_t end = 0;
    for (std::size_t seen = 0; end < word_end && (continues(rest[end]) || seen < room); ++end) seen += continues(rest[end]) ? 0 : 1;
    const std::string_view word = rest.substr(0, end);  // a part of one that is longer than a line
    if (!line.empty() && characters(margin) + characters(line) + 1 + characters(word) > width) {
      out += margin + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    rest.remove_prefix(end < rest.size() && rest[end] == ' ' ? end + 1 : end);
  }
  return line.empty() ? out : out + margin + line + "\n";
}

std::string decimal(double value, int places) {
  std::array<char, 400> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, places);
  const std::string out(text.data(), end.ptr);
  return out.starts_with('-') && out.find_first_not_of("-0.") == std::string::npos ? out.substr(1) : out;  // no "-0.000"
}

std::string change(double value) {
  const std::string text = decimal(value);
  return text.starts_with('-') || text.find_first_not_of("0.") == std::string::npos ? text : "+" + text;
}

std::string score_text(const Score& score) {
  if (score.n == 0) return "none";
  return decimal(score.mean) + " +- " + decimal(score.standard_error) + " (n=" + std::to_string(score.n) + ")";
}

std::string mean_text(const Score& score) { return score.n == 0 ? "-" : decimal(score.mean); }

std::string duration(double seconds) {
  if (!(seconds > 0)) return "0 s";
  if (seconds < 10) return decimal(seconds, 1) + " s";
  const long long whole = std::llround(seconds);
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + padded(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + padded(whole % 3600 / 60) + " min";
}

std::string plural(std::size_t n, const std::string& noun) {
  if (n == 1) return "1 " + noun;
  if (noun.ends_with("ch")) return std::to_string(n) + " " + noun + "es";
  return std::to_string(n) + " " + noun + (noun == "child" ? "ren" : "s");
}

std::string edit_text(const Json& edit) {
  if (!edit.is_object() || !edit.contains("op")) return one_line(edit.dump(-1, ' ', false, Json::error_handler_t::replace), kCodeShown);
  const std::string op = member(edit, "op"), function = member(edit, "function"), name = member(edit, "name"), file = member(edit, "file");
  if (op == "rename") return "rename " + name + (function.empty() ? "" : " in " + function) + " -> " + member(edit, "to");
  if (op == "graft") return "graft " + function + " of agent " + (edit.value("agent", Json()).is_string() ? member(edit, "agent") : edit.value("agent", Json()).dump());
  std::string text = op;
  if (!function.empty()) text += " in " + function;
  else if (!name.empty()) text += " " + name;
  if (function.empty() && !file.empty()) text += " in " + file;
  for (const char* place : {"before", "after"})
    if (const std::string anchor = member(edit, place); !anchor.empty()) text += std::string(" ") + place + " " + anchor;
  std::string expected = member(edit, "expect");
  if (op == "rewrite") expected = member(edit, "match");
  std::string made = member(edit, "value");
  if (made.empty()) made = member(edit, "code");
  if (op == "move_statement") made = member(edit, "where") + " the one at " + member(edit, "to");
  if (made.empty() && edit.contains("with")) made = "the one at " + member(edit, "with");
  if (!expected.empty()) text += ": " + expected;
  if (!made.empty()) text += (expected.empty() ? ": " : " -> ") + made;
  return text;
}

std::optional<double> ranking_score(const AgentRecord& agent) {
  if (agent.val.n > 0) return agent.val.mean;
  if (agent.train.n > 0) return agent.train.mean;
  return std::nullopt;
}

std::string short_commit(const AgentRecord& agent) { return agent.commit.substr(0, 10); }

std::string origin_text(const AgentRecord& agent) {
  if (agent.parents.empty()) return one_line(agent.origin, 40);
  std::string text = "from agent";
  for (std::size_t i = 0; i < agent.parents.size(); ++i) text += (i == 0 ? " " : ", ") + std::to_string(agent.parents[i]);
  return text;
}

Unsolved unsolved_tasks(const std::vector<TaskResult>& results, std::size_t shown) {
  Unsolved unsolved{0, "not solved", ""};
  for (const TaskResult& result : results) {
    if (result.score >= 1) continue;
    if (result.score > 0) unsolved.title = "below 1";
    if (++unsolved.count > shown) continue;
    const Json why = result.detail.is_object() ? result.detail.value("why", Json()) : Json();
    unsolved.lines += "    " + one_line(result.task, 40) + "  " + decimal(result.score);
    unsolved.lines += (why.is_string() ? "  " + one_line(why.get<std::string>(), 80) : "") + "\n";
  }
  if (unsolved.count > shown) unsolved.lines += "    ... " + std::to_string(unsolved.count - shown) + " more\n";
  return unsolved;
}

}  // namespace hyperagent
