#include <ha/code.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace ha {
namespace {

Value asking(const Program& program) { return Value::object().with("program", program.data()); }

Value list_of(const std::vector<Program>& programs) {
  std::vector<Value> items;
  items.reserve(programs.size());
  for (const Program& program : programs) items.push_back(program.data());
  return Value::object().with("programs", Value(std::move(items)));
}

std::vector<Program> programs_in(const Value& reply) {
  std::vector<Program> out;
  for (Value& item : reply.get("programs").items()) out.emplace_back(std::move(item));
  return out;
}

// Programs by a number each, highest first; equals keep their order.
std::vector<Program> by_highest(std::vector<Program> programs, const std::vector<double>& keys) {
  std::vector<std::size_t> order(programs.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto key = [&](std::size_t i) { return i < keys.size() ? keys[i] : 0.0; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) > key(b); });
  std::vector<Program> out;
  out.reserve(order.size());
  for (const std::size_t i : order) out.push_back(std::move(programs[i]));
  return out;
}

std::vector<Program> kept(std::vector<Program> programs, bool wanted, std::string_view kind) {
  std::vector<Program> out;
  for (Program& program : programs) if ((program.kind() == kind) == wanted) out.push_back(std::move(program));
  return out;
}

bool passed_all(const Value& result) { return result.has("passed") && result.get("passed").integer() == result.get("of").integer(-1); }

}  // namespace

Program::Program(Value data) : data_(std::move(data)) {}

int Program::line() const { return static_cast<int>(data_.get("line").integer(0)); }
std::string Program::kind() const { return data_.get("kind").text(); }
int Program::size() const { return static_cast<int>(data_.get("size").integer(0)); }

Program program_of(const Task&) { return Program(Value::object().with("handle", Value(""))); }

Program program_from(std::string source) { return Program(Value::object().with("source", Value(std::move(source)))); }

std::string source_of(const Program& program, Host& host) { return host.call("repair.source", asking(program)).get("source").text(); }

std::vector<Program> mutants(const Program& program, Host& host) { return programs_in(host.call("repair.mutants", asking(program))); }

std::vector<Program> mutants_at(const Program& program, Host& host, int line) {
  return programs_in(host.call("repair.mutants", asking(program).with("line", Value(line))));
}

std::vector<Program> in_suspicious_order(const Program& program, Host& host) { return most_suspicious_first(mutants(program, host), host); }

std::vector<int> suspicious_lines(const Program& program, Host& host) {
  std::vector<int> out;
  const Value reply = host.call("repair.lines", asking(program));
  for (const Value& row : reply.get("lines").items()) {
    if (row.get("suspicion").number() > 0) out.push_back(static_cast<int>(row.get("line").integer()));
  }
  return out;
}

int most_suspicious_line(const Program& program, Host& host) {
  const std::vector<int> lines = suspicious_lines(program, host);
  return lines.empty() ? 0 : lines.front();
}

double suspicion(const Program& program, Host& host) { return host.call("repair.suspicion", list_of({program})).get("suspicion").at(0).number(); }

double passed_tests(const Program& program, Host& host) {
  return host.call("repair.evaluate", list_of({program})).get("results").at(0).get("passed").number(0);
}

bool passes_visible(const Program& program, Host& host) { return passed_all(host.call("repair.evaluate", list_of({program})).get("results").at(0)); }

double edit_size(const Program& program) { return program.size(); }

std::vector<Program> most_suspicious_first(std::vector<Program> programs, Host& host) {
  const std::vector<double> keys = host.call("repair.suspicion", list_of(programs)).get("suspicion").numbers();
  return by_highest(std::move(programs), keys);
}

std::vector<Program> smallest_change_first(std::vector<Program> programs) {
  std::vector<double> keys;
  for (const Program& program : programs) keys.push_back(-program.size());
  return by_highest(std::move(programs), keys);
}

std::vector<Program> last_first(std::vector<Program> programs) {
  std::reverse(programs.begin(), programs.end());
  return programs;
}

std::vector<Program> kinds_in_turn(std::vector<Program> programs) {
  std::vector<std::pair<std::string, int>> seen;
  std::vector<double> keys;
  for (const Program& program : programs) {
    const std::string kind = program.kind();
    auto at = std::find_if(seen.begin(), seen.end(), [&](const auto& entry) { return entry.first == kind; });
    if (at == seen.end()) at = seen.insert(seen.end(), {kind, 0});
    keys.push_back(-(at->second++));
  }
  return by_highest(std::move(programs), keys);
}

std::vector<Program> kind_first(std::vector<Program> programs, TextRef kind) {
  std::vector<double> keys;
  for (const Program& program : programs) keys.push_back(program.kind() == std::string_view(kind) ? 1 : 0);
  return by_highest(std::move(programs), keys);
}

std::vector<Program> of_kind(std::vector<Program> programs, TextRef kind) { return kept(std::move(programs), true, kind); }
std::vector<Program> not_of_kind(std::vector<Program> programs, TextRef kind) { return kept(std::move(programs), false, kind); }

std::vector<Program> on_line(std::vector<Program> programs, int line) {
  std::vector<Program> out;
  for (Program& program : programs) if (program.line() == line) out.push_back(std::move(program));
  return out;
}

std::vector<Program> take(std::vector<Program> programs, int n) {
  if (n < 0) n = 0;
  if (programs.size() > static_cast<std::size_t>(n)) programs.erase(programs.begin() + n, programs.end());
  return programs;
}

std::vector<Program> both(std::vector<Program> first, const std::vector<Program>& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

std::vector<Program> passing(std::vector<Program> programs, Host& host) {
  const std::vector<Value> results = host.call("repair.evaluate", list_of(programs)).get("results").items();
  std::vector<Program> out;
  for (std::size_t i = 0; i < results.size() && i < programs.size(); ++i) {
    if (passed_all(results[i])) out.push_back(std::move(programs[i]));
  }
  return out;
}

std::vector<Program> best_of(std::vector<Program> programs, Host& host, int n) {
  const Value reply = host.call("repair.evaluate", list_of(programs));
  std::vector<double> keys;
  for (const Value& result : reply.get("results").items()) keys.push_back(result.get("passed").number(-1));
  return take(by_highest(std::move(programs), keys), n);
}

Answer patch(const Program& program) { return Answer(program.data()); }

}  // namespace ha
