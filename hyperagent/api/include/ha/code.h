// Building blocks for repairing programs (the repair domain): variants of the task's program, tests, suspicion.
//
//   Program program = program_of(task);
//   for (const Program& p : most_suspicious_first(passing(mutants(program, host), host), host)) return patch(p);
//
// Mutants are single edits; one that does not compile passes no test. A task has a budget of 5,000: each call to the host costs 10, the visible tests of a
// mutant of the task's program 1, those of any other program 300, listing the mutants of another program 2,500; repeats and the task's own
// program are free. So one call for many programs (passing, best_of) goes further than many for one (passes_visible). Beyond the budget nothing
// passes and lists are empty. Same calls, same replies, always.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ha/agent.h>

namespace ha {

// A program that the host knows: the task's, or a variant of it.
class Program {
 public:
  Program() = default;
  explicit Program(Value data);
  const Value& data() const { return data_; }  // {"handle","line","kind","size"} or {"source"}
  int line() const;                            // of its edit; 0 for the task's program
  std::string kind() const;                    // of its edit, a "mutation_kind"
  int size() const;                            // characters its edit touches

 private:
  Value data_;
};

// The task's program, with its bug.
HA_BLOCK Program program_of(const Task& task);
// A program of the agent's own making, for agents that write patches as text.
Program program_from(std::string source);
// The text of a program.
std::string source_of(const Program& program, Host& host);

// All single-edit variants of a program, in source order.
HA_BLOCK std::vector<Program> mutants(const Program& program, Host& host);
// Those that edit one line.
HA_BLOCK std::vector<Program> mutants_at(const Program& program, Host& host, int line);
// All single-edit variants, those on suspicious lines first.
HA_BLOCK std::vector<Program> in_suspicious_order(const Program& program, Host& host);
// Lines by Ochiai suspicion of the visible tests, most suspicious first; lines no failing test runs are left out.
HA_BLOCK std::vector<int> suspicious_lines(const Program& program, Host& host);
// The most suspicious line; 0 when there is none.
HA_BLOCK int most_suspicious_line(const Program& program, Host& host);

// How suspicious the line is that a variant edits: 0 to 1.
HA_BLOCK double suspicion(const Program& program, Host& host);
// How many visible tests a program passes; costs an evaluation.
HA_BLOCK double passed_tests(const Program& program, Host& host);
// Whether it passes all of them; costs an evaluation.
HA_BLOCK bool passes_visible(const Program& program, Host& host);
// Those of the programs that pass all visible tests; costs an evaluation for each program given.
HA_BLOCK std::vector<Program> passing(std::vector<Program> programs, Host& host);
// The number of characters its edit touches.
HA_BLOCK double edit_size(const Program& program);

// Orders. Equals keep their order.
HA_BLOCK std::vector<Program> most_suspicious_first(std::vector<Program> programs, Host& host);
HA_BLOCK std::vector<Program> smallest_change_first(std::vector<Program> programs);
HA_BLOCK std::vector<Program> last_first(std::vector<Program> programs);
// Every kind of edit in turn: the first of each kind, then the second of each ...
HA_BLOCK std::vector<Program> kinds_in_turn(std::vector<Program> programs);
// The programs of one kind of edit come first.
HA_BLOCK std::vector<Program> kind_first(std::vector<Program> programs, HA_VOCAB("mutation_kind") TextRef kind);

// Choices.
HA_BLOCK std::vector<Program> of_kind(std::vector<Program> programs, HA_VOCAB("mutation_kind") TextRef kind);
HA_BLOCK std::vector<Program> not_of_kind(std::vector<Program> programs, HA_VOCAB("mutation_kind") TextRef kind);
HA_BLOCK std::vector<Program> on_line(std::vector<Program> programs, int line);
HA_BLOCK std::vector<Program> take(std::vector<Program> programs, HA_RANGE("20 50 100 200 400 1000") int n);
HA_BLOCK std::vector<Program> both(std::vector<Program> first, const std::vector<Program>& then);
// The n programs that pass the most visible tests, best first; costs an evaluation for each program given.
HA_BLOCK std::vector<Program> best_of(std::vector<Program> programs, Host& host, HA_RANGE("1 2 3 5") int n);

// The answer that hands in a program.
HA_BLOCK Answer patch(const Program& program);

}  // namespace ha
