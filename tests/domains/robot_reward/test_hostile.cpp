// Rewards that attack: each is stopped, or harmless: it trains some policy that scores no more than so short a training gives. What is compared to
// the last bit is named: the policies of an honest reward and of one that writes over its state.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

#include "domains/robot_reward/robot_domain.h"
#include "sandbox/agent_runner.h"
#include "sandbox/box_launcher.h"

using namespace hyperagent;

namespace {

std::string bytes_of(const std::string& reward) {
  std::ifstream in(std::string(HA_HOSTILE_FOLDER) + "/" + reward + ".so", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Trained {
  EntryReply reply;
  TaskResult result;
};

// One short training in a box, and its grade.
class Range {
 public:
  explicit Range(const std::string& name = "robot_reward", std::optional<UnfilteredGpuDriver> gpu = {}) : launcher_(make_box_launcher()) {
    if (!launcher_) return;
    runner_ = make_boxed_runner(**launcher_, {.program = HA_TRAINER, .trainer = {.program = HA_TRAINER, .module = HA_TORCH, .gpu = std::move(gpu)}});
    auto domain = robot::open_robot_domain({.name = name, .judge = HA_JUDGE, .launcher = launcher_->get()});
    REQUIRE(domain);
    domain_ = std::move(*domain);
  }
  bool works() const {
    if (!runner_) WARN("SKIPPED: boxes do not work here: " << launcher_.error().message);
    return runner_ != nullptr;
  }
  const Domain& domain() const { return *domain_; }
  Result<std::vector<EntryReply>> try_to_train(const std::string& reward, const Json& more, double seconds = 60) {
    Json training = {{"task", "walk"}, {"preset", "cpu-quick"}, {"seed", 1}, {"iterations", 4}, {"robots", 256}, {"iteration_seconds", 2}};
    training.update(more);
    const Json input = {{"id", "walk/1"}, {"input", training}};
    return runner_->run(bytes_of(reward), "reward", std::span(&input, 1), {[](std::size_t, const std::string&, const Json&) { return Result<Json>(Json()); }}, seconds, {});
  }
  Trained train(const std::string& reward, const Json& more = Json::object(), double seconds = 60) {
    const auto replies = try_to_train(reward, more, seconds);
    INFO((replies ? "" : replies.error().message));
    REQUIRE(replies);
    auto graded = domain_->grade(Split::Train, 0, replies->front().value ? *replies->front().value : Json());
    INFO((graded ? "" : graded.error().message));
    REQUIRE(graded);
    return {replies->front(), *graded};
  }

 private:
  Result<std::unique_ptr<BoxLauncher>> launcher_;
  std::unique_ptr<AgentRunner> runner_;
  std::unique_ptr<Domain> domain_;
};

void check_harmless(const std::string& reward) {
  Range range;
  if (!range.works()) return;
  const Trained trained = range.train(reward);
  INFO(describe(trained.reply.outcome) << " " << trained.result.detail.dump());
  REQUIRE(trained.reply.value);
  CHECK(trained.reply.value->contains("policy"));
  CHECK(trained.result.score > 0);
  CHECK(trained.result.score < 0.6);  // four iterations teach nobody to walk
}

void check_stopped(const std::string& reward) {
  Range range;
  if (!range.works()) return;
  const Trained trained = range.train(reward);
  INFO(describe(trained.reply.outcome) << " " << trained.result.detail.dump());
  CHECK_FALSE((trained.reply.value && trained.reply.value->contains("policy")));
  CHECK(trained.result.score == 0);
  CHECK(trained.result.detail.contains("why"));
}

}  // namespace

TEST_CASE("a reward that writes over its state trains the very policy of an honest one, and both score the same twice") {
  Range range;
  if (!range.works()) return;
  const Trained honest = range.train("honest"), writer = range.train("write_state"), again = range.train("honest");
  REQUIRE(honest.reply.value);
  REQUIRE(writer.reply.value);
  CHECK((*honest.reply.value)["policy"] == (*writer.reply.value)["policy"]);
  CHECK(honest.result.score == writer.result.score);
  CHECK(honest.result.score == again.result.score);
}
TEST_CASE("a reward with a memory trains something and harms nobody") { check_harmless("global_state"); }
TEST_CASE("a reward that depends on the time trains something and harms nobody") { check_harmless("clock"); }
TEST_CASE("a reward that leaves threads behind is rid of them") { check_harmless("threads"); }
TEST_CASE("a reward that looks for files finds none of the host's") { check_harmless("read_files"); }
TEST_CASE("a reward that never returns is ended by the alarm of its iteration") { check_stopped("endless_loop"); }
TEST_CASE("a reward that ends the process has no policy") { check_stopped("leave"); }
TEST_CASE("a reward cannot open the trainer's memory, nor where /proc can be written, with a GPU") {
  for (const auto& gpu : {std::optional<UnfilteredGpuDriver>(), std::optional(UnfilteredGpuDriver{{"/dev/null"}})}) {
    Range range("robot_reward", gpu);
    if (!range.works()) return;
    const Trained trained = range.train("write_trainer");
    INFO(describe(trained.reply.outcome) << " " << trained.result.detail.dump());
    REQUIRE(trained.reply.value);
    CHECK(trained.reply.value->contains("policy"));
  }
}
TEST_CASE("a reward that forges a result has no policy to be scored") { check_stopped("forge"); }
TEST_CASE("a reward that kills what it can reach ends its own training only") { check_stopped("kill_parent"); }
TEST_CASE("a reward that crashes is reported") { check_stopped("crash"); }
TEST_CASE("a reward that writes over the trainer's memory crashes itself") { check_stopped("scribble"); }

void check_refused(const std::string& reward, const std::string& why) {
  Range range;
  if (!range.works()) return;
  const Trained trained = range.train(reward);
  CHECK(trained.result.score == 0);
  CHECK_THAT(trained.result.detail.at("why").get<std::string>(), Catch::Matchers::Contains(why));
}
TEST_CASE("a reward that is not a number ends its training with that reason") { check_refused("not_a_number", "the reward was not a number"); }
TEST_CASE("an infinite reward ends its training with that reason") { check_refused("infinite", "the reward was infinite"); }
TEST_CASE("a huge reward ends its training with that reason") { check_refused("huge", "the reward was larger than a million"); }
TEST_CASE("rewards as large as may be, of both signs at random, train something and harm nobody") { check_harmless("largest"); }

TEST_CASE("a reward that claims that LibTorch is missing is not believed") { check_stopped("claim_no_torch"); }
TEST_CASE("a reward that claims that the training threw an exception is not believed") { check_stopped("claim_exception"); }

TEST_CASE("a reward that claims that the device stopped working is not believed, nor where trainings may want one") {
  check_stopped("claim_no_device");
  Range range("robot_reward:gpu");
  if (!range.works()) return;
  CHECK(range.train("claim_no_device", {{"device", true}}).result.score == 0);
}
TEST_CASE("a reward cannot take the trainer's memory away and have that called the trainer's fault") { check_stopped("starve_trainer"); }

TEST_CASE("a training for which there is no memory is our failure, not the reward's") {
  Range range;
  if (!range.works()) return;
  const auto outcome = range.try_to_train("honest", {{"robots", 1 << 20}, {"iteration_seconds", 60}});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == ErrorKind::Environment);
  CHECK_THAT(outcome.error().message, Catch::Matchers::Contains("the training threw an exception: std::bad_alloc"));
}

TEST_CASE("LibTorch missing in the box is our failure where a training needs it, and no excuse where it does not") {
  auto launcher = make_box_launcher();
  if (!launcher) {
    WARN("SKIPPED: boxes do not work here: " << launcher.error().message);
    return;
  }
  auto runner = make_boxed_runner(**launcher, {.program = HA_TRAINER, .trainer = {.program = HA_TRAINER}});
  const auto train = [&](const char* reward, const char* preset) {
    const Json input = {{"id", "walk/1"}, {"input", {{"task", "walk"}, {"preset", preset}, {"seed", 1}, {"iterations", 1}, {"robots", 64}}}};
    return runner->run(bytes_of(reward), "reward", std::span(&input, 1),
                       {[](std::size_t, const std::string&, const Json&) { return Result<Json>(Json()); }}, 60, {});
  };
  const auto needed = train("honest", "gpu");
  REQUIRE_FALSE(needed);
  CHECK(needed.error().kind == ErrorKind::Environment);
  CHECK_THAT(needed.error().message,
             Catch::Matchers::Contains("cannot load LibTorch") && Catch::Matchers::Contains("install libtorch-dev"));
  const auto claimed = train("claim_no_torch", "cpu-quick");
  REQUIRE(claimed);
  CHECK_FALSE(claimed->front().value);
}

TEST_CASE("a box shows a LibTorch that lies outside /usr") {
  auto launcher = make_box_launcher();
  if (!launcher) {
    WARN("SKIPPED: boxes do not work here: " << launcher.error().message);
    return;
  }
  const auto folders = folders_beside(HA_TORCH_ELSEWHERE);
  REQUIRE(folders == std::vector<std::string>{HA_TORCH_FOLDER});
  CHECK(folders_beside(HA_TORCH).empty());  // Debian's
  const Json input = {{"id", "walk/1"}, {"input", {{"task", "walk"}, {"preset", "gpu"}, {"iterations", 1}, {"robots", 64}}}};
  for (const bool shown : {false, true}) {
    auto runner = make_boxed_runner(**launcher, {.program = HA_TRAINER,
                                                 .trainer = {.program = HA_TRAINER,
                                                             .module = HA_TORCH_ELSEWHERE,
                                                             .folders = shown ? folders : std::vector<std::string>()}});
    const auto replies = runner->run(bytes_of("honest"), "reward", std::span(&input, 1),
                                     {[](std::size_t, const std::string&, const Json&) { return Result<Json>(Json()); }}, 60, {});
    REQUIRE_FALSE(replies);
    // That module has no networks.
    CHECK_THAT(replies.error().message, Catch::Matchers::Contains(shown ? "LibTorch could not be set up" : "cannot load LibTorch"));
  }
}

TEST_CASE("LibTorch trains in the box too, the reference's network and, nearly to the same policy, the small one") {
  Range range;
  if (!range.works()) return;
  Range gpu("robot_reward:gpu");
  const Trained large = gpu.train("honest", {{"preset", "gpu"}, {"iterations", 1}, {"robots", 64}, {"iteration_seconds", 60}});
  INFO(describe(large.reply.outcome) << " " << large.result.detail.dump());
  REQUIRE(large.reply.value);
  REQUIRE(large.reply.value->contains("policy"));
  CHECK((*large.reply.value)["policy"]["hidden"] == Json({512, 256, 128}));
  CHECK(large.result.score > 0);
  // The domain's detail says where it ran, and why there: these shared objects were not compiled for a device.
  CHECK(large.result.detail.at("device").get<std::string>().starts_with("robots on cpu: the agent was compiled without a program for a device; networks on "));
  const Trained fused = range.train("honest", {{"iterations", 2}}), torch = range.train("honest", {{"iterations", 2}, {"engine", "torch"}, {"iteration_seconds", 60}});
  REQUIRE(fused.reply.value);
  REQUIRE(torch.reply.value);
  REQUIRE(torch.reply.value->contains("policy"));
  CHECK(fused.result.detail.at("device") == "robots on cpu; networks on cpu");
  const auto last = [](const Trained& t) { return (*t.reply.value)["curve"].back()["reward"].get<double>(); };
  CHECK(last(torch) == Approx(last(fused)).margin(0.02));
}

TEST_CASE("how a training went reaches the agent's result: ten points of its curve, and of each named part of the reward") {
  Range range;
  if (!range.works()) return;
  const Trained whole = range.train("in_parts", {{"iterations", 12}});
  INFO(whole.result.detail.dump());
  const Json& curve = whole.result.detail.at("curve");
  REQUIRE(curve.size() == 10);
  CHECK(curve.front()["iteration"] == 1);
  CHECK(curve.back()["iteration"] == 12);
  for (const char* measure : {"reward", "tracking", "speed_error", "height", "falls_per_minute", "noise", "kl", "rate"})
    CHECK(curve[4][measure].is_number());
  REQUIRE(whole.result.detail.at("components").size() == 2);
  const Json& height = whole.result.detail["components"]["height"];
  for (const char* of : {"mean", "min", "max"}) REQUIRE(height[of].size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(height["min"][i] <= height["mean"][i]);
    CHECK(height["mean"][i] <= height["max"][i]);
    CHECK(height["max"][i] < 0.5);
  }
  CHECK(whole.result.detail["components"]["tracking"]["max"][9] <= 1);
  // One that fails on the way keeps what there was.
  const Trained failed = range.train("not_a_number_later", {{"iterations", 12}});
  INFO(failed.result.detail.dump());
  CHECK_THAT(failed.result.detail.at("why").get<std::string>(),
             Catch::Matchers::Contains("the reward was not a number, in iteration 3 of 12"));
  CHECK(failed.result.detail.at("curve").size() == 2);
}

TEST_CASE("the domain grades whatever comes back, with a reason") {
  Range range;
  if (!range.works()) return;
  auto launcher = make_box_launcher();
  REQUIRE(launcher);
  auto domain = robot::open_robot_domain({.name = "robot_reward", .judge = HA_JUDGE, .launcher = launcher->get()});
  REQUIRE(domain);
  for (const Json& answer : {Json(), Json(1), Json("x"), Json::array(), Json::object(), Json{{"policy", 3}}, Json{{"policy", {{"hidden", {64, 64}}, {"numbers", "AAAA"}}}},
                             Json{{"failed", 7}}, Json{{"failed", std::string(100000, 'x')}}, Json{{"policy", {{"hidden", {1024, 1024, 1024, 1024, 1024}}, {"numbers", ""}}}}}) {
    auto graded = (*domain)->grade(Split::Val, 0, answer);
    REQUIRE(graded);
    CHECK(graded->score == 0);
    CHECK(graded->detail.at("why").is_string());
  }
}

TEST_CASE("a forged policy of another shape than the preset's scores 0 with a reason, however long the judge would take for it") {
  Range range;
  if (!range.works()) return;
  const std::vector<std::pair<std::vector<int>, std::size_t>> shapes = {{{32, 32}, 3056}, {{1024, 1024, 1024, 1024}, 3212304}};
  for (const auto& [hidden, numbers] : shapes) {
    std::string zeros((numbers * 4 + 2) / 3 * 4, 'A');
    for (std::size_t i = 0; i < (3 - numbers * 4 % 3) % 3; ++i) zeros[zeros.size() - 1 - i] = '=';
    const auto graded = range.domain().grade(Split::Train, 0, {{"policy", {{"hidden", hidden}, {"numbers", zeros}}}});
    REQUIRE(graded);
    CHECK(graded->score == 0);
    CHECK_THAT(graded->detail.at("why").get<std::string>(), Catch::Matchers::Contains("another shape"));
  }
}

TEST_CASE("a training may have as many threads as a large machine has cores, and gives the policy of one thread") {
  Range range;
  if (!range.works()) return;
  const Trained one = range.train("honest"), many = range.train("honest", {{"threads", 32}});
  REQUIRE(one.reply.value);
  INFO(describe(many.reply.outcome) << " " << many.result.detail.dump());
  REQUIRE(many.reply.value);
  REQUIRE(many.reply.value->contains("policy"));
  CHECK((*one.reply.value)["policy"] == (*many.reply.value)["policy"]);
}

TEST_CASE("trainings of the preset gpu are told to use this machine's cores, those of the CPU presets have one each") {
  Range gpu("robot_reward:gpu"), quick;
  if (!gpu.works()) return;
  CHECK(gpu.domain().input(Split::Train, 0)["input"]["threads"] == std::min(32u, std::max(1u, std::thread::hardware_concurrency())));
  CHECK_FALSE(quick.domain().input(Split::Train, 0)["input"].contains("threads"));
}

TEST_CASE("the metrics tell each kind of task apart, with mean and standard error") {
  Range range;
  if (!range.works()) return;
  const std::vector<TaskResult> results = {{"walk/11", 0.8, {{"average_fitness", 0.7}}}, {"walk/12", 1.0, {{"average_fitness", 0.8}}}, {"hop/11", 0.5, Json()}};
  const Json metrics = range.domain().metrics(results);
  CHECK(metrics["walk"].get<double>() == Approx(0.9));
  CHECK(metrics["walk stderr"].get<double>() == Approx(0.1));
  CHECK(metrics["walk average_fitness"].get<double>() == Approx(0.75));
  CHECK(metrics["hop"].get<double>() == Approx(0.5));
  CHECK_FALSE(metrics.contains("hop stderr"));  // of one task there is none
}

TEST_CASE("the domain's name chooses preset and task, in any order") {
  Range range;
  if (!range.works()) return;
  auto launcher = make_box_launcher();
  REQUIRE(launcher);
  struct Case {
    const char *name, *preset, *task;
    bool device;
  };
  for (const Case& c : {Case{"robot_reward", "cpu-quick", "walk", false}, Case{"robot_reward:hop", "cpu-quick", "hop", false},
                        Case{"robot_reward:cpu:walkback", "cpu", "walkback", false}, Case{"robot_reward:hop:gpu", "gpu", "hop", true}}) {
    INFO(c.name);
    CHECK(robot::wants_device(c.name) == c.device);
    auto domain = robot::open_robot_domain({.name = c.name, .judge = HA_JUDGE, .launcher = launcher->get()});
    REQUIRE(domain);
    for (const Split split : {Split::Train, Split::Val}) {
      REQUIRE((*domain)->size(split) == 1);
      const Json input = (*domain)->input(split, 0)["input"];
      CHECK(input["preset"] == c.preset);
      CHECK(input["task"] == c.task);
      CHECK(input.contains("threads") == c.device);
    }
    CHECK((*domain)->input(Split::Train, 0)["input"]["seed"] != (*domain)->input(Split::Val, 0)["input"]["seed"]);
    CHECK((*domain)->size(Split::Test) == 9);
  }
}

TEST_CASE("an unknown preset or task is a user error, a missing judge an environment error") {
  for (const char* name : {"robot_reward:tpu", "robot_reward:cpu:jump", "robot_reward:", "robot_reward:cpu:", "robot_reward:gpu:cpu", "robot_reward:hop:walk"}) {
    INFO(name);
    CHECK_FALSE(robot::wants_device(name));
    const auto unknown = robot::open_robot_domain({.name = name, .judge = HA_JUDGE});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == ErrorKind::UserInput);
  }
  const auto missing = robot::open_robot_domain({.name = "robot_reward", .judge = ""});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::Environment);
}
