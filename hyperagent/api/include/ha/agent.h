// The agent API, version 1: what an agent program defines and what it is given.
//
// An agent is one program of two halves. Each half defines one entry point, and either half may be edited:
//
//   ha::Answer   solve(const ha::Task& task, ha::Host& host);      // task/: solves one task of the domain
//   ha::Proposal improve(const ha::Self& self, ha::Host& host);    // meta/: proposes edits to the whole program
//
// Nothing is carried over from one call to the next: a process in which one leaves variables, heap or threads changed is not used again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ha/host.h>
#include <ha/value.h>

namespace ha {

// One task as the agent may see it: never its label, never anything hidden.
class Task {
 public:
  explicit Task(Value data);  // {"id": ..., "input": {...}}
  std::string id() const;
  Value input() const;         // the fields of the task
  const Value& data() const;   // everything the domain poses: id, input and what else it gives (labels ...)

 private:
  Value data_;
};

// What solve() returns. The empty answer says "I do not know" and scores nothing.
class Answer {
 public:
  Answer() = default;
  explicit Answer(Value value);
  bool given() const { return given_; }
  const Value& value() const { return value_; }

 private:
  Value value_;
  bool given_ = false;
};

// What improve() returns: edits (meta.h makes them), the reason in plain words, and what its child shall remember.
struct Proposal {
  std::vector<Value> edits;
  std::string reason;
  Value memory;
};

// The agent as its own meta half sees it.
class Self {
 public:
  explicit Self(Value data);
  const Value& data() const;      // everything below, as data
  int agent() const;              // its id
  std::uint64_t seed() const;     // differs for every call; the only source of randomness
  double score() const;           // that drives selection: val, discounted where train says less (all the agent sees of val)
  double train_score() const;
  double progress() const;        // share of the run's limits used, 0 to 1
  Value memory() const;           // left by the parent's proposal
  std::vector<Value> functions() const;  // {"name","half","file","lines","source"}
  std::vector<Value> failures() const;   // failed train tasks: {"task","score","detail"}
  std::vector<Value> lineage() const;    // oldest first: {"agent","reason","edits","train","val"}
  // What became of earlier proposals, this agent's own and its ancestors': {"agent","edits","outcome","gain"}; gain is the change of the
  // train score (0 when the proposal was never scored in full).
  std::vector<Value> history() const;
  Value archive() const;          // {"agents","best","mean","generation"}

 private:
  Value data_;
};

}  // namespace ha

ha::Answer solve(const ha::Task& task, ha::Host& host);
ha::Proposal improve(const ha::Self& self, ha::Host& host);
