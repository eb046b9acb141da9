// The agent that fuzz_apply edits: small, so that an execution costs milliseconds, and one of each thing that C++ lets stand in an agent.
#pragma once

#include "hyperagent/core/json.h"
#include "tooling/compiler.h"

namespace hyperagent::tooling {

inline const Files& fuzzed_agent() {
  static const Files files = {{"task/solve.cpp", R"(#include <ha/agent.h>
#include "words.h"
namespace {
constexpr double kScale = 0.5;
enum class Way { up, down };
using Numbers = std::vector<double>;
struct Pair {
  int a = 1, b = 2;
  Pair() = default;
  explicit Pair(int x) : a(x), b(x + 1) {}
  int sum(int c) const { return a + b + c; }
  friend bool operator==(const Pair& x, const Pair& y) { return x.a == y.a; }
};
template <class T>
T twice(T x) { return x + x; }
template <class T>
struct Box {
  T held;
  T get() const { return held; }
};
[[clang::annotate("ha::frozen")]] int kept(int a) {
  a += 1;
  return a;
}
int spare() { return 7; }
}  // namespace
int listed(int a) { return kept(a) * 2; }
double weight(const Numbers& values) {
  double sum = 0;
  for (double v : values) {
    if (v < 0) continue;
    sum += v * kScale;
  }
  return sum;
}
int f(int a) {
  auto g = [a](int b) { return a * b; };
  for (int i = 0; i < 3; ++i) {
    if (i > a) break;
    a += g(i);
  }
  Pair p(a), q;
  switch (a) {
    case 1: return 2;
    default: break;
  }
  while (p != q && a-- > 0) q.a += 1;
  return twice(p.sum(1)) + (a > 1 ? 1 : 0);
}
int f(double b) { return f(static_cast<int>(b)); }
ha::Answer solve(const ha::Task& task, ha::Host& host) {
  (void)host;
  const auto [first, second] = std::pair<int, int>(f(1), f(2.5));
  if (Way way = first > second ? Way::up : Way::down; way == Way::up) return ha::Answer(ha::Value("größer"));
  Box<int> box{longest(task.id())};
  return box.get() > 3 ? ha::Answer(ha::Value(weight({1.0, 2}))) : ha::Answer();
}
)"},
                              {"task/words.h", R"(#pragma once
inline int longest(const std::string& text) {
  int most = 0, here = 0;
  for (char c : text) most = std::max(most, here = c == ' ' ? 0 : here + 1);
  return most;
}
)"},
                              {"meta/improve.cpp", R"(#include <ha/meta.h>
int f(int a);
namespace {
int spare() { return 3; }
}
ha::Proposal improve(const ha::Self& self, ha::Host&) {
  ha::Proposal proposal;
  ha::Random random(self.seed());
  if (random.below(f(spare())) > 1) proposal.reason = "none";
  return proposal;
}
)"}};
  return files;
}

// `listed` may not be edited, the meta half only with somebody's approval; `kept` is frozen.
inline Json fuzzed_policy() {
  return {{"rules", {{{"function", "listed*"}, {"decision", "deny"}}, {{"half", "meta"}, {"decision", "needs_approval"}}}}};
}

// What a graft brings from: other meanings of names that are taken, and what is new.
inline const Files& fuzzed_donor() {
  static const Files files = {{"task/solve.cpp", R"(#include <ha/agent.h>
#include <numeric>
namespace {
constexpr double kScale = 0.25;
struct Pair {
  double a, b;
};
template <class T>
T twice(T x) { return x * 2; }
double mean(Pair p) { return (p.a + p.b) * kScale * 2; }
}  // namespace
using Numbers = std::vector<double>;
double weight(const Numbers& values) { return twice(mean({values.at(0), std::accumulate(values.begin(), values.end(), 0.0)})); }
namespace deep {
int score(int a) { return a > 0 ? score(a - 1) + 1 : 0; }
}
int score(const std::string& text) { return deep::score(static_cast<int>(text.size())); }
ha::Answer solve(const ha::Task&, ha::Host&) { return ha::Answer(); }
)"},
                              {"meta/improve.cpp", fuzzed_agent().at("meta/improve.cpp")}};
  return files;
}

}  // namespace hyperagent::tooling
