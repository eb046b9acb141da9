// The completions of a run: journal, budget, replay, several models.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "hyperagent/model/bandit.h"
#include "hyperagent/model/command_model.h"
#include "hyperagent/model/run_completions.h"
#include "tests/loop/fakes.h"

using namespace hyperagent;
using namespace hyperagent::model;
using Catch::Matchers::Contains;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ha_model_XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Answers "reply N" and counts.
class FakeModel : public ModelProvider {
 public:
  explicit FakeModel(std::shared_ptr<std::atomic<int>> calls) : calls_(std::move(calls)) {}
  Result<ModelReply> complete(const CompletionRequest&, const CancelFlag&) override {
    Completion completion;
    completion.text = "reply " + std::to_string(++*calls_);
    completion.model = "fake";
    completion.stop = "end";
    completion.use = {1, 100, 50, 0};
    return ModelReply(completion);
  }

 private:
  std::shared_ptr<std::atomic<int>> calls_;
};

struct Fake {
  std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
  ModelSettings settings;
  Fake() {
    Endpoint endpoint;
    endpoint.name = endpoint.model = "fake";
    endpoint.provider = "openai";
    endpoint.price = Price{1, 2};
    endpoint.reply_tokens = 1000;
    settings.endpoints.push_back(endpoint);
  }
  std::unique_ptr<RunCompletions> open(const std::string& journal) {
    RunCompletions::Parts parts;
    parts.settings = settings;
    parts.providers.push_back(std::make_unique<FakeModel>(calls));
    if (!journal.empty()) {
      parts.own = std::make_unique<Recording>();
      REQUIRE(parts.own->read(journal));
      auto opened = Journal::open(journal);
      REQUIRE(opened);
      parts.journal.emplace(std::move(*opened));
    }
    return std::make_unique<RunCompletions>(std::move(parts));
  }
};

Json question(const std::string& text) { return {{"messages", {{{"role", "user"}, {"text", text}}}}}; }
const CallSite kSite{"improve", "hash", "seed 7", "", 1, 0};
const CancelFlag kNever = false;

std::string text_of(Result<Json> reply) {
  INFO((reply ? std::string() : reply.error().message));
  REQUIRE(reply);
  return reply->value("text", reply->dump());
}

}  // namespace

TEST_CASE("the same question of the same call is paid for once, also after a resume") {
  const Folder folder;
  Fake fake;
  ModelUse use;
  {
    auto completions = fake.open(folder.path("exchanges.jsonl"));
    CHECK(text_of(completions->complete(kSite, 0, question("why?"), kNever, use)) == "reply 1");
    CHECK(text_of(completions->complete(kSite, 0, question("why?"), kNever, use)) == "reply 1");
    CHECK(text_of(completions->complete(kSite, 1, question("why?"), kNever, use)) == "reply 2");
  }
  auto again = fake.open(folder.path("exchanges.jsonl"));
  CHECK(text_of(again->complete(kSite, 1, question("why?"), kNever, use)) == "reply 2");
  CHECK(*fake.calls == 2);
  CHECK(again->spent().tokens() == 300);
  CHECK(again->spent().cost == Approx(2 * (100 * 1e-6 + 50 * 2e-6)));
  CHECK(use.calls == 4);  // what the agent's doing used, however often the host started over
}

TEST_CASE("what a generation was told of the run's limits is told again, after a resume and in a replay, whatever the limits are then") {
  const Folder folder;
  Fake fake;
  const Json then = {{"progress", 0.5}, {"budget_left", 0.25}}, now = {{"progress", 0.1}, {"budget_left", 0.9}};
  ModelUse use;
  {
    auto completions = fake.open(folder.path("exchanges.jsonl"));
    (void)completions->complete(kSite, 0, question("why?"), kNever, use);
    CHECK(*completions->limits_told(1, then) == then);
    CHECK(*completions->limits_told(1, now) == then);
  }
  CHECK(*fake.open(folder.path("exchanges.jsonl"))->limits_told(1, now) == then);
  ModelSettings settings = fake.settings;
  settings.from = folder.path("");
  auto strict = RunCompletions::open(settings, "", [](const std::string&) { return std::nullopt; });
  REQUIRE(strict);
  CHECK(*(*strict)->limits_told(1, now) == then);
  CHECK(*(*strict)->limits_told(2, now) == now);
  settings.nearest = true;
  auto nearest = RunCompletions::open(settings, "", [](const std::string&) { return std::nullopt; });
  REQUIRE(nearest);
  CHECK(*(*nearest)->limits_told(1, now) == now);
}

TEST_CASE("a journal cut in the middle of a line keeps its whole lines") {
  const Folder folder;
  Fake fake;
  ModelUse use;
  (void)fake.open(folder.path("x.jsonl"))->complete(kSite, 0, question("a"), kNever, use);
  std::ofstream(folder.path("x.jsonl"), std::ios::app) << R"({"site": {"entry")";
  (void)fake.open(folder.path("x.jsonl"))->complete(kSite, 1, question("b"), kNever, use);
  auto completions = fake.open(folder.path("x.jsonl"));
  CHECK(text_of(completions->complete(kSite, 0, question("a"), kNever, use)) == "reply 1");
  CHECK(text_of(completions->complete(kSite, 1, question("b"), kNever, use)) == "reply 2");
}

TEST_CASE("a strict replay answers what was recorded and refuses anything else as our error") {
  const Folder folder;
  Fake fake;
  ModelUse use;
  (void)fake.open(folder.path("exchanges.jsonl"))->complete(kSite, 0, question("what fails?"), kNever, use);
  ModelSettings settings = fake.settings;
  settings.from = folder.path("exchanges.jsonl");
  auto replay = RunCompletions::open(settings, "", [](const std::string&) { return std::nullopt; });
  REQUIRE(replay);
  CHECK(text_of((*replay)->complete(kSite, 0, question("what fails?"), kNever, use)) == "reply 1");
  const auto other = (*replay)->complete(kSite, 0, question("what else fails?"), kNever, use);
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == ErrorKind::UserInput);
  CHECK_THAT(other.error().message, Contains("has no answer to call 1 of improve"));
  CHECK(*fake.calls == 1);
}

TEST_CASE("a nearest replay takes the answer to the most similar question") {
  const Folder folder;
  Fake fake;
  ModelUse use;
  {
    auto live = fake.open(folder.path("exchanges.jsonl"));
    (void)live->complete(kSite, 0, question("write an edit of the function solve please"), kNever, use);
    (void)live->complete(kSite, 1, question("tell me what failed in the last run"), kNever, use);
  }
  ModelSettings settings = fake.settings;
  settings.from = folder.path("");
  settings.nearest = true;
  auto replay = RunCompletions::open(settings, "", [](const std::string&) { return std::nullopt; });
  REQUIRE(replay);
  CHECK(text_of((*replay)->complete(kSite, 5, question("tell me what failed in the very last run"), kNever, use)) == "reply 2");
}

TEST_CASE("a budget counts what is in flight, so calls at once cannot overdraw it") {
  Meter meter({1000, 0}, {});
  auto first = meter.reserve({1, 300, 300, 0});
  REQUIRE(first);
  CHECK_FALSE(meter.reserve({1, 300, 300, 0}));
  CHECK(meter.exhausted() == "tokens");
  Meter money({0, 1.0}, {});
  auto dear = money.reserve({1, 10, 10, 0.7});
  REQUIRE(dear);
  dear->settle({1, 10, 10, 0.2});
  CHECK(money.spent().cost == Approx(0.2));
  const auto held = money.reserve({1, 10, 10, 0.7});
  CHECK(held);
  CHECK_FALSE(money.reserve({1, 10, 10, 0.2}));
  CHECK(money.exhausted() == "cost");
}

TEST_CASE("a spent budget interrupts and pays nothing") {
  Fake fake;
  fake.settings.max_tokens = 1200;
  ModelUse use;
  auto completions = fake.open("");
  CHECK(text_of(completions->complete(kSite, 0, question("a"), kNever, use)) == "reply 1");
  CHECK(text_of(completions->complete(kSite, 1, question("b"), kNever, use)) == "reply 2");
  const auto third = completions->complete(kSite, 2, question(std::string(1000, 'x')), kNever, use);
  REQUIRE_FALSE(third);
  CHECK(third.error().kind == ErrorKind::Interrupted);
  CHECK(completions->exhausted() == "tokens");
  CHECK(*fake.calls == 2);
}

TEST_CASE("malformed arguments of an agent are answered with what they should be") {
  Fake fake;
  ModelUse use;
  auto completions = fake.open("");
  for (const Json& arguments : {Json(), Json{{"messages", "hi"}}, Json{{"messages", Json::array()}}, Json{{"messages", {{{"role", "root"}, {"text", "hi"}}}}},
                                Json{{"messages", {{{"role", "assistant"}, {"text", "hi"}}}}}, question(std::string(2 << 20, 'x'))}) {
    const auto reply = completions->complete(kSite, 0, arguments, kNever, use);
    REQUIRE(reply);
    CHECK(reply->value("code", "") == "malformed");
  }
  CHECK(*fake.calls == 0);
}

TEST_CASE("a command gets the prompt on its input, and its output is the completion") {
  Endpoint endpoint;
  endpoint.name = endpoint.model = "command";
  endpoint.provider = "command";
  endpoint.command = "tr a-z A-Z";
  const CompletionRequest request{{{"system", "sys"}, {"user", "hello"}}, 0.5, 100};
  auto reply = CommandModel(endpoint).complete(request, kNever);
  REQUIRE(reply);
  CHECK(std::get<Completion>(*reply).text == "SYS\n\nHELLO\n");
  endpoint.command = "echo broken >&2; exit 3";
  auto failed = CommandModel(endpoint).complete(request, kNever);
  REQUIRE_FALSE(failed);
  CHECK_THAT(failed.error().message, Contains("status 3") && Contains("broken"));
  endpoint.command = "sleep 30";
  endpoint.timeout_seconds = 0.2;
  CHECK_THAT(CommandModel(endpoint).complete(request, kNever).error().message, Contains("took longer"));
  endpoint.command = "true";
  auto empty = CommandModel(endpoint).complete(request, kNever);
  REQUIRE(empty);
  CHECK(std::get<ModelRefusal>(*empty).code == "empty");
}

TEST_CASE("the bandit shifts calls to the model whose edits help, and among equals to the cheaper one") {
  Rng rng(1);
  std::vector<Arm> arms = {{"good", 100, 60, 1.0}, {"bad", 100, 5, 1.0}};
  CHECK(choose_arm(arms, rng) == 0);
  arms = {{"dear", 100, 30, 10.0}, {"cheap", 100, 30, 1.0}};
  CHECK(choose_arm(arms, rng) == 1);
  arms = {{"tried", 3, 3, 0.1}, {"new", 0, 0, 0}};
  CHECK(choose_arm(arms, rng) == 1);
}

TEST_CASE("what became of each model's edits decides who writes the next ones, money and all") {
  FakePool pool;
  const auto agent = [&](double train) {
    AgentRecord record;
    record.train = score_of(std::vector<TaskResult>{{"t", train, Json()}});
    record.ast_hash = std::to_string(pool.agents().size());
    return *pool.add(std::move(record), {});
  };
  const int root = agent(0.5);
  const auto made = [&](const std::string& model, double cost, std::optional<double> child) {
    CandidateRecord record;
    record.parent = root;
    record.model = {{"name", model}, {"calls", 2}, {"input_tokens", 1000}, {"output_tokens", 100}, {"cost", cost}};
    if (child) record.agent = agent(*child);
    pool.add(std::move(record));
  };
  for (int i = 0; i < 10; ++i) {
    made("helps", 0.01, 0.9);
    made("keeps", 0.01, 0.5);
    made("fails", 0.001, std::nullopt);
  }
  made("gone", 1, 0.9);  // of a model that this run no longer has
  const std::vector<Arm> arms = arms_of(pool, {"helps", "keeps", "fails"});
  CHECK(arms[0].pulls == 10);
  CHECK(arms[0].reward == Approx(10));
  CHECK(arms[1].reward == Approx(2.5));
  CHECK(arms[2].reward == 0);
  CHECK(arms[0].cost == Approx(0.1));
  CHECK(arms[2].cost == Approx(0.01));

  Fake fake;
  fake.settings.endpoints.assign(3, fake.settings.endpoints.front());
  for (int i = 0; i < 3; ++i) fake.settings.endpoints[static_cast<std::size_t>(i)].name = arms[static_cast<std::size_t>(i)].model;
  std::vector<Rng> slots;
  for (std::uint64_t i = 0; i < 8; ++i) slots.push_back(Rng::at(7, {i}));
  const std::vector<std::string> writers = fake.open("")->assign(pool, slots);
  CHECK(std::count(writers.begin(), writers.end(), "helps") >= 6);
}
