// Figures of runs with a model, against a loopback server: `test_cli_model "[benchmark]"` (half a minute and more; not part of a plain run).
#include <catch2/catch.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "hyperagent/model/run_completions.h"
#include "tests/cli/fixture.h"
#include "tests/model/loopback.h"

using namespace hyperagent;
using cli_test::Finished;
using cli_test::TemporaryDirectory;
using model_test::Asked;
using model_test::Loopback;
using model_test::Said;

namespace {

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

model::ModelSettings settings_for(const Loopback& server) {
  model::ModelFlagValues flags;
  flags.model = "llamacpp";
  flags.base_url = server.url("/v1");
  auto settings = model::resolve_models(flags, [](const std::string&) { return std::nullopt; });
  REQUIRE(settings);
  return *settings;
}

}  // namespace

TEST_CASE("[benchmark] the host's part of one model call", "[.benchmark]") {
  const TemporaryDirectory folder;
  Loopback server([](const Asked&, int) { return model_test::openai_said("{\"answer\": \"good\"}"); });
  auto completions = model::RunCompletions::open(settings_for(server), folder.path("exchanges.jsonl"), [](const std::string&) { return std::nullopt; });
  REQUIRE(completions);
  for (const std::size_t bytes : {std::size_t{1000}, std::size_t{30000}}) {
    std::vector<double> all, known;
    const CancelFlag never = false;
    ModelUse use;
    for (int i = 0; i < 400; ++i) {
      const CallSite site{"solve", "program", "train " + std::to_string(bytes) + std::to_string(i), "", 0, 0};
      const Json question = {{"messages", {{{"role", "user"}, {"text", std::string(bytes, 'x')}}}}};
      all.push_back(seconds_of([&] { REQUIRE((*completions)->complete(site, 0, question, never, use)); }));
      known.push_back(seconds_of([&] { REQUIRE((*completions)->complete(site, 0, question, never, use)); }));
    }
    std::sort(all.begin(), all.end());
    std::sort(known.begin(), known.end());
    WARN("prompt of " << bytes << " bytes, loopback server without latency (its part included): median " << all[200] * 1e3 << " ms, 95% " << all[380] * 1e3
                      << " ms; answered from the journal: median " << known[200] * 1e3 << " ms");
  }
}

TEST_CASE("[benchmark] a run of 200 calls against a server of 300 ms latency", "[.benchmark]") {
  if (!cli_test::boxes_work()) return;
  const TemporaryDirectory folder;
  const std::string fields = R"("text": "fine", "stars": )";
  const auto rows = [&](const std::string& split, int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += "{\"id\": \"" + split + std::to_string(i) + "\", " + fields + std::to_string(i % 5) + "." + std::to_string(i) + ", \"verdict\": \"" + (i % 2 ? "good" : "bad") + "\"}\n";
    return text;
  };
  folder.write("domain/domain.json", R"({"name": "bench", "description": "good or bad?", "target": "verdict", "labels": ["bad", "good"], "grading": {"kind": "label"}})");
  folder.write("domain/train.jsonl", rows("train", 100));
  folder.write("domain/val.jsonl", rows("val", 100));
  folder.write("domain/test.jsonl", rows("test", 4));
  for (const int workers : {2, 8}) {
    Loopback server([](const Asked& asked, int) {
      const bool meta = asked.body.find("You improve a C++20 program") != std::string::npos;
      Said said = model_test::openai_said(meta ? "I do not know." : "{\"answer\": \"good\", \"chance\": 0.5}");
      said.wait_seconds = 0.3;
      return said;
    });
    const std::string run = folder.path("run" + std::to_string(workers));
    Finished finished;
    const double seconds = seconds_of([&] {
      finished = cli_test::hyperagent({"run", "--domain", folder.path("domain"), "--agent", "answer_by_model", "--run", run, "--model", "llamacpp", "--base-url", server.url("/v1"),
                                       "--generations", "1", "--batch", "1", "--workers", std::to_string(workers), "--json"});
    });
    INFO(finished.err);
    REQUIRE(finished.status == 0);
    const int calls = finished.json()["model"]["calls"];
    const double ideal = 200 * 0.3 / workers + 5 * 0.3;  // the root's 200 tasks in parallel, then five questions of one improve()
    WARN(calls << " calls with " << workers << " workers: " << seconds << " s, ideal " << ideal << " s (" << seconds / ideal << "), most in flight " << server.most_at_once() << ", connections "
               << server.connections());
  }
}
