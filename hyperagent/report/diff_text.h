// Differences between two agents as text for a terminal: the AST diff (as tooling/ast_diff.h returns it) and a unified text diff.
// Values in, text out; safe to call from any thread.
#pragma once

#include <string>

#include "hyperagent/core/agent.h"
#include "hyperagent/core/json.h"

namespace hyperagent {

struct TextStyle {
  bool colour = false;
  int width = 80;  // columns; lines are folded to it, below 32 counts as 32
};

// Colour when `fd` is a terminal and NO_COLOR is unset or empty (no-color.org). Width: COLUMNS, else what the terminal says, else 80;
// a file or a pipe is not cut (a very large width).
TextStyle terminal_style(int fd);

//   solve (task/solve.cpp)
//     ~ update  line 12      `5.0`  ->  `5.5`      in  mean(scores) > 5.0
//     + insert  line 9       if (words < 3) return ha::Answer();
//   2 changes in 1 function: 1 updated, 1 inserted
// Of a text of more than 400 characters the rest is counted. A diff that was refused gives its message, one without changes "no changes". Control characters of the agent's source never
// reach the terminal.
std::string diff_text(const Json& diff, const TextStyle& style);

// "2 changes in 1 function: 1 updated, 1 inserted". The diff must not be a refused one.
std::string diff_summary(const Json& diff);

// Unified diff (3 lines of context) of the files that differ, in the order of their paths. Empty when nothing differs. Not cut to
// the width, so that it stays a patch (of text without control characters: they become "?").
std::string unified_diff(const AgentSource& a, const AgentSource& b, const TextStyle& style);

}  // namespace hyperagent
