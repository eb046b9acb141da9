// Rewards that attack: each is stopped or harmless, the judge's score of an honest one stays what it was, to the last bit.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <fstream>
#include <iterator>

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
  Range() : launcher_(make_box_launcher()) {
    if (!launcher_) return;
    runner_ = make_boxed_runner(**launcher_, {.program = HA_TRAINER, .trainer = HA_TRAINER, .trainer_module = HA_TORCH});
    auto domain = robot::open_robot_domain({.name = "robot_reward", .judge = HA_JUDGE, .launcher = launcher_->get()});
    REQUIRE(domain);
    domain_ = std::move(*domain);
  }
  bool works() const {
    if (!runner_) WARN("SKIPPED: boxes do not work here: " << launcher_.error().message);
    return runner_ != nullptr;
  }
  Trained train(const std::string& reward, const Json& more = Json::object(), double seconds = 60) {
    Json training = {{"task", "walk"}, {"preset", "cpu-quick"}, {"seed", 1}, {"iterations", 4}, {"robots", 256}, {"iteration_seconds", 2}};
    training.update(more);
    const Json input = {{"id", "walk/1"}, {"input", training}};
    auto replies = runner_->run(bytes_of(reward), "reward", std::span(&input, 1), {[](std::size_t, const std::string&, const Json&) { return Result<Json>(Json()); }}, seconds, {});
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
TEST_CASE("a reward that forges a result has no policy to be scored") { check_stopped("forge"); }
TEST_CASE("a reward that kills what it can reach ends its own training only") { check_stopped("kill_parent"); }
TEST_CASE("a reward that crashes is reported") { check_stopped("crash"); }
TEST_CASE("a reward that writes over the trainer's memory crashes itself") { check_stopped("scribble"); }

TEST_CASE("a reward that claims that LibTorch is missing is not believed") { check_stopped("claim_no_torch"); }

TEST_CASE("LibTorch missing in the box is our failure where a training needs it, and no excuse where it does not") {
  auto launcher = make_box_launcher();
  if (!launcher) {
    WARN("SKIPPED: boxes do not work here: " << launcher.error().message);
    return;
  }
  auto runner = make_boxed_runner(**launcher, {.program = HA_TRAINER, .trainer = HA_TRAINER});
  const auto train = [&](const char* reward, const char* preset) {
    const Json input = {{"id", "walk/1"}, {"input", {{"task", "walk"}, {"preset", preset}, {"seed", 1}, {"iterations", 1}, {"robots", 64}}}};
    return runner->run(bytes_of(reward), "reward", std::span(&input, 1),
                       {[](std::size_t, const std::string&, const Json&) { return Result<Json>(Json()); }}, 60, {});
  };
  const auto needed = train("honest", "gpu");
  REQUIRE_FALSE(needed);
  CHECK(needed.error().kind == ErrorKind::Environment);
  CHECK_THAT(needed.error().message, Catch::Matchers::Contains("LibTorch"));
  const auto claimed = train("claim_no_torch", "cpu-quick");
  REQUIRE(claimed);
  CHECK_FALSE(claimed->front().value);
}

TEST_CASE("LibTorch trains in the box too, the reference's network and, nearly to the same policy, the small one") {
  Range range;
  if (!range.works()) return;
  const Trained large = range.train("honest", {{"preset", "gpu"}, {"iterations", 1}, {"robots", 64}, {"iteration_seconds", 60}});
  INFO(describe(large.reply.outcome) << " " << large.result.detail.dump());
  REQUIRE(large.reply.value);
  REQUIRE(large.reply.value->contains("policy"));
  CHECK((*large.reply.value)["policy"]["hidden"] == Json({512, 256, 128}));
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

TEST_CASE("an unknown preset is a user error, a missing judge an environment error") {
  const auto unknown = robot::open_robot_domain({.name = "robot_reward:tpu", .judge = HA_JUDGE});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().kind == ErrorKind::UserInput);
  const auto missing = robot::open_robot_domain({.name = "robot_reward", .judge = ""});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::Environment);
}
