#include <catch2/catch.hpp>

#include "domains/jsonl/grader.h"
#include "tests/domains/folder.h"

using namespace hyperagent;
using Catch::Contains;
using jsonl::Grading;

namespace {

jsonl::Spec spec_of(Grading::Kind kind) {
  jsonl::Spec spec;
  spec.grading.kind = kind;
  if (kind == Grading::Kind::Label) spec.labels = {"no", "yes"};
  return spec;
}

TaskResult graded(const jsonl::Spec& spec, const Json& target, const Json& answer) {
  const auto grader = jsonl::Grader::make(spec, ".", nullptr);
  REQUIRE(grader);
  const auto result = grader->grade({"task", Json::object(), target, 1}, answer);
  REQUIRE(result);
  return *result;
}

// A box whose program answers with a fixed frame, or ends without one.
class FakeProcess : public BoxProcess {
 public:
  FakeProcess(std::optional<std::string> reply, std::string& request) : reply_(std::move(reply)), request_(request) {}
  void allow(double) override {}
  bool send(std::string_view frame) override { return request_ = frame, true; }
  std::optional<std::string> receive(double) override { return reply_; }
  bool ready(double) override { return true; }
  RunOutcome wait() override { return reply_ ? RunOutcome(Exited{0}) : RunOutcome(TimedOut{10}); }
  void kill() override {}
  std::string standard_error() const override { return ""; }

 private:
  std::optional<std::string> reply_;
  std::string& request_;
};

class FakeLauncher : public BoxLauncher {
 public:
  std::optional<std::string> reply;
  bool broken = false;
  BoxSpec spec;
  std::string request;
  Result<std::unique_ptr<BoxProcess>> start(const BoxSpec& given) override {
    if (broken) return environment_error("no user namespaces here");
    spec = given;
    return std::unique_ptr<BoxProcess>(std::make_unique<FakeProcess>(reply, request));
  }
};

struct ProgramCase {
  test::Folder folder;
  FakeLauncher launcher;
  jsonl::Spec spec = spec_of(Grading::Kind::Program);
  ProgramCase() {
    folder.write("grade.py", "print()");
    folder.write("test.jsonl", "answers");
    spec.grading.argv = {"/usr/bin/python3", "grade.py"};
  }
  Result<TaskResult> grade(const Json& answer) {
    const auto grader = jsonl::Grader::make(spec, folder.path(), &launcher);
    REQUIRE(grader);
    return grader->grade({"task", {{"t", "x"}}, 42, 1}, answer);
  }
};

}  // namespace

TEST_CASE("a label scores 1 when it matches, bare or with a rank") {
  const auto spec = spec_of(Grading::Kind::Label);
  CHECK(graded(spec, "yes", "yes").score == 1);
  CHECK(graded(spec, "yes", "no").score == 0);
  const TaskResult ranked = graded(spec, "yes", {{"label", "yes"}, {"score", 0.7}});
  CHECK(ranked.score == 1);
  CHECK(ranked.detail == Json{{"answer", "yes"}, {"score", 0.7}, {"positive", true}});
}

TEST_CASE("a truth value matches a label of its name") {
  auto spec = spec_of(Grading::Kind::Label);
  spec.labels = {"false", "true"};
  CHECK(graded(spec, true, true).score == 1);
  CHECK(graded(spec, true, "true").score == 1);
  CHECK(graded(spec, true, false).score == 0);
}

TEST_CASE("malformed answers score 0 with a reason") {
  const auto spec = spec_of(Grading::Kind::Label);
  for (const Json& answer : {Json(), Json(3), Json("YES"), Json::array({"yes"}), Json::object(), Json{{"label", nullptr}},
                             Json{{"label", {{"label", "yes"}}}}, Json("\xff\xfe yes"), Json(std::string(100000, 'x'))}) {
    const TaskResult result = graded(spec, "yes", answer);
    CHECK(result.score == 0);
    CHECK(result.detail.at("why").is_string());
    CHECK(result.detail.dump().size() < 1000);
  }
}

TEST_CASE("a number scores 1 within the tolerance") {
  auto spec = spec_of(Grading::Kind::Numeric);
  spec.grading.tolerance = 0.5;
  CHECK(graded(spec, 10, 10.5).score == 1);
  CHECK(graded(spec, 10, {{"value", 9.6}}).score == 1);
  CHECK(graded(spec, 10, 10.6).score == 0);
  CHECK(graded(spec, 10, 10.6).detail.at("why") == "too large");
  CHECK(graded(spec, 10, "10").score == 0);
}

TEST_CASE("an exact answer is compared as data") {
  const auto spec = spec_of(Grading::Kind::Exact);
  CHECK(graded(spec, {1, "a"}, {1, "a"}).score == 1);
  CHECK(graded(spec, 1, 1.0).score == 1);
  CHECK(graded(spec, "a", "a ").score == 0);
}

TEST_CASE("a grader program gets task, expected and answer, and its verdict is the score") {
  ProgramCase program;
  program.launcher.reply = R"({"score":0.25,"why":"close"})";
  const auto result = program.grade("41");
  REQUIRE(result);
  CHECK(result->score == 0.25);
  CHECK(result->detail.at("why") == "close");
  CHECK(Json::parse(program.launcher.request) ==
        Json{{"task", {{"id", "task"}, {"input", {{"t", "x"}}}}}, {"expected", 42}, {"answer", "41"}});
}

TEST_CASE("only the files that the command names enter the grader's box") {
  ProgramCase program;
  program.launcher.reply = R"({"score":1})";
  REQUIRE(program.grade("41"));
  CHECK(program.launcher.spec.argv == std::vector<std::string>{"/usr/bin/python3", "/grader/grade.py"});
  REQUIRE(program.launcher.spec.read_only.size() == 1);
  CHECK(program.launcher.spec.read_only[0].host_path == program.folder.path() + "/grade.py");
}

TEST_CASE("a grader without a proper verdict gives 0 with the reason") {
  ProgramCase program;
  const auto silent = program.grade("41");
  REQUIRE(silent);
  CHECK(silent->score == 0);
  CHECK_THAT(silent->detail.at("why").get<std::string>(), Contains("timed out"));
  for (const char* verdict : {"", "nonsense", "[]", R"({"score":"1"})", R"({"score":1.5})", R"({"score":-1})"}) {
    program.launcher.reply = verdict;
    const auto result = program.grade("41");
    REQUIRE(result);
    CHECK(result->score == 0);
    CHECK(result->detail.at("why").is_string());
  }
}

TEST_CASE("a box that cannot be started is our failure and no score") {
  ProgramCase program;
  program.launcher.broken = true;
  CHECK(program.grade("41").error().kind == ErrorKind::Environment);
}

TEST_CASE("a grader program that does not exist is an error when the domain is opened") {
  ProgramCase program;
  program.spec.grading.argv = {"missing.py"};
  const auto grader = jsonl::Grader::make(program.spec, program.folder.path(), &program.launcher);
  REQUIRE_FALSE(grader);
  CHECK_THAT(grader.error().message, Contains("missing.py"));
}
