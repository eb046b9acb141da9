// Words and numbers for people, shared by all reports. Agents' own words (reasons, code, messages) are untrusted: they pass through
// printable() or one_line() before they reach a terminal, because an escape sequence could rewrite it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/pool.h"
#include "hyperagent/core/score.h"

namespace hyperagent {

std::string printable(std::string_view text);                        // without control characters; newlines and tabs stay
std::string one_line(std::string_view text, std::size_t limit = 0);  // white space squeezed; cut to `limit` characters (0: whole)
std::string indented(std::string_view text, const std::string& margin);  // every line behind the margin, ends with a newline
// Folded at spaces so that no line is longer than `width` with its margin; ends with a newline.
std::string wrapped(std::string_view text, const std::string& margin, std::size_t width = 100);

std::string decimal(double value, int places = 3);  // whatever the locale
std::string change(double value);                   // "+0.100", "-0.033", "0.000"
std::string score_text(const Score& score);         // "0.433 +- 0.091 (n=30)"; "none" without a score
std::string mean_text(const Score& score);          // "0.433"; "-" without a score
std::string duration(double seconds);               // "0.4 s", "12 s", "3 min 05 s", "2 h 10 min"
std::string plural(std::size_t n, const std::string& noun);  // "1 agent", "2 agents"

// "set_literal in weight: 0.5 -> 0.7". One line; unknown or malformed edits are shown as what they are.
std::string edit_text(const Json& edit);

// The score that people compare agents by, if there is one: the mean on val, else on train.
std::optional<double> ranking_score(const AgentRecord& agent);
std::string short_commit(const AgentRecord& agent);
// "blank", "seed NAME", or "from agent 12".
std::string origin_text(const AgentRecord& agent);

// Tasks whose score is below 1: a title for them ("not solved"; "below 1" when some are solved in part) and a line for each of the first
// `shown`, with the grader's reason.
struct Unsolved {
  std::size_t count = 0;
  std::string title, lines;
};
Unsolved unsolved_tasks(const std::vector<TaskResult>& results, std::size_t shown);

}  // namespace hyperagent
