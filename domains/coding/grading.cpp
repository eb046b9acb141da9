#include "domains/coding/grading.h"

#include <cmath>

namespace hyperagent {
namespace {

bool numeric(const Json& j) { return j.is_number() || j.is_boolean(); }

bool same_number(const Json& a, const Json& b) {
  const auto whole = [](const Json& j) { return j.is_boolean() || j.is_number_integer(); };
  if (whole(a) && whole(b)) {
    if (a.is_number_unsigned() && b.is_number_unsigned()) return a.get<unsigned long long>() == b.get<unsigned long long>();
    if (a.is_number_unsigned() && a.get<unsigned long long>() > 0x7fffffffffffffffull) return false;
    if (b.is_number_unsigned() && b.get<unsigned long long>() > 0x7fffffffffffffffull) return false;
    const auto value = [](const Json& j) { return j.is_boolean() ? static_cast<long long>(j.get<bool>()) : j.get<long long>(); };
    return value(a) == value(b);
  }
  const auto value = [](const Json& j) { return j.is_boolean() ? static_cast<double>(j.get<bool>()) : j.get<double>(); };
  return value(a) == value(b);
}

bool same(const Json& a, const Json& b, const RepairTest& test, int depth) {
  if (depth > 200) return false;
  if (numeric(a) && numeric(b)) {
    if (same_number(a, b)) return true;
    return test.approximate && a.is_number() && b.is_number() && std::fabs(a.get<double>() - b.get<double>()) <= test.tolerance;
  }
  if (a.is_object() && b.is_array()) {  // a map may be expected as its sorted [key, value] pairs
    Json pairs = Json::array();
    for (const auto& [key, value] : a.items()) pairs.push_back({key, value});
    return same(pairs, b, test, depth + 1);
  }
  if (a.type() != b.type()) return false;
  if (a.is_object()) {
    if (a.size() != b.size()) return false;
    for (const auto& [key, value] : a.items()) if (!b.contains(key) || !same(value, b[key], test, depth + 1)) return false;
    return true;
  }
  if (a.is_array()) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) if (!same(a[i], b[i], test, depth + 1)) return false;
    return true;
  }
  return a == b;
}

}  // namespace

Json to_json(const ProgramRun& run) { return {{"compiled", run.compiled}, {"error", run.error}, {"results", run.results}, {"coverage", run.coverage}}; }

ProgramRun program_run_from(const Json& json) {
  ProgramRun run;
  run.compiled = json.at("compiled").get<bool>();
  run.error = json.at("error").get<std::string>();
  run.results = json.at("results").get<std::vector<Json>>();
  run.coverage = json.at("coverage").get<std::vector<std::vector<int>>>();
  return run;
}

bool same_value(const Json& got, const Json& expected, const RepairTest& test) {
  if (got.is_boolean() != expected.is_boolean()) return false;
  return same(got, expected, test, 0);
}

std::string failure(const Json& result, const RepairTest& test) {
  const std::string status = result.value("status", "crash");
  if (status == "value") return result.contains("value") && same_value(result["value"], test.expected, test) ? "" : "wrong answer";
  if (status == "exception") return "exception " + result.value("what", "");
  if (status == "fuel") return "does not end (step limit)";
  if (status == "time") return "time limit";
  if (status == "skipped") return "not run: does not end on other tests";
  return result.value("what", "").empty() ? "crash" : "crash, " + result.value("what", "");
}

// Ochiai (Abreu, Zoeteweij, van Gemund 2006): failed(l) / sqrt(failed * (failed(l) + passed(l))).
std::map<int, double> suspicion_of(const ProgramRun& run, const std::vector<RepairTest>& tests) {
  std::map<int, std::pair<int, int>> counts;  // line -> failed, passed
  int failed = 0;
  for (std::size_t i = 0; i < tests.size() && i < run.results.size(); ++i) {
    const bool fails = !failure(run.results[i], tests[i]).empty();
    failed += fails;
    for (const int line : run.coverage[i]) ++(fails ? counts[line].first : counts[line].second);
  }
  std::map<int, double> out;
  for (const auto& [line, count] : counts) {
    out[line] = count.first == 0 ? 0 : count.first / std::sqrt(static_cast<double>(failed) * (count.first + count.second));
  }
  return out;
}

}  // namespace hyperagent
