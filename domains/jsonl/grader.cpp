#include "domains/jsonl/grader.h"

#include <cmath>
#include <filesystem>

namespace hyperagent::jsonl {
namespace {

constexpr std::size_t kShownAnswer = 200;  // bytes of an answer kept in a detail
constexpr std::size_t kMostWhy = 2000;

std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;  // not inside a UTF-8 character
  return text.substr(0, most) + "...";
}

// Answers may hold any bytes: dump() must not throw on broken UTF-8.
std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json shown(const Json& answer) {
  if (answer.is_number() || answer.is_boolean()) return answer;
  return shortened(answer.is_string() ? Json::parse(dumped(answer)).get<std::string>() : dumped(answer), kShownAnswer);
}

bool rank_of(const Json& answer, double& rank) {
  if (!answer.is_object() || !answer.contains("score") || !answer.at("score").is_number()) return false;
  rank = answer.at("score").get<double>();
  return std::isfinite(rank);
}

}  // namespace

Result<Grader> Grader::make(const Spec& spec, const std::string& folder, BoxLauncher* launcher) {
  BoxSpec box;
  if (spec.grading.kind == Grading::Kind::Program) {
    if (launcher == nullptr)
      return environment_error("the grader program of domain \"" + spec.name +
                               "\" needs a box, and none can be made here; run `hyperagent doctor`");
    // Only the files that the command names go into the box: the folder also holds the answers of every split.
    for (const std::string& argument : spec.grading.argv) {
      const std::filesystem::path path = std::filesystem::path(argument).lexically_normal();
      const std::string host = (std::filesystem::path(folder) / path).string();
      std::error_code ignored;
      if (path.is_absolute() || argument.empty() || *path.begin() == ".." || !std::filesystem::is_regular_file(host, ignored)) {
        box.argv.push_back(argument);
        continue;
      }
      const std::string inside = "/grader/" + path.string();
      box.read_only.push_back({std::filesystem::absolute(host).string(), inside});
      box.argv.push_back(inside);
    }
    if (box.argv.front().front() != '/')
      return user_error("the grader program \"" + box.argv.front() + "\" is neither a file in " + folder +
                        " nor an absolute path; correct \"argv\" in domain.json");
    box.environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}, {"PYTHONHASHSEED", "0"}};
    box.limits.wall_seconds = spec.grading.seconds;
    box.profile = SyscallProfile::Tool;
  }
  return Grader(spec, std::move(box), launcher);
}

Result<TaskResult> Grader::grade(const Row& row, const Json& answer) const {
  TaskResult result{.task = row.id, .score = 0, .detail = Json::object()};
  const bool two_labels = spec_.labels.size() == 2;
  if (two_labels) result.detail["positive"] = label_text(row.target) == spec_.labels[1];
  if (answer.is_null()) {
    result.detail["answer"] = nullptr;
    result.detail["why"] = "no answer";
    return result;
  }
  result.detail["answer"] = shown(answer);
  switch (spec_.grading.kind) {
    case Grading::Kind::Label:
      grade_label(row, answer, result);
      break;
    case Grading::Kind::Numeric:
      grade_numeric(row, answer, result);
      break;
    case Grading::Kind::Program:
      if (auto ok = grade_program(row, answer, result); !ok) return ok.error();
      break;
    case Grading::Kind::Exact:
    case Grading::Kind::Unset:
      grade_exact(row, answer, result);
      break;
  }
  return result;
}

void Grader::grade_label(const Row& row, const Json& answer, TaskResult& result) const {
  const Json& given = answer.is_object() && answer.contains("label") ? answer.at("label") : answer;
  double rank = 0;
  if (rank_of(answer, rank)) result.detail["score"] = rank;
  const std::string label = label_text(given);
  result.detail["answer"] = shown(given);
  if (std::find(spec_.labels.begin(), spec_.labels.end(), label) == spec_.labels.end()) {
    result.detail["why"] = "the answer is none of the labels";
    return;
  }
  result.score = label == label_text(row.target) ? 1 : 0;
  if (result.score < 1) result.detail["why"] = "answered \"" + label + "\", which is wrong";
}

void Grader::grade_numeric(const Row& row, const Json& answer, TaskResult& result) const {
  const Json& given = answer.is_object() && answer.contains("value") ? answer.at("value") : answer;
  if (!given.is_number() || !std::isfinite(given.get<double>())) {
    result.detail["why"] = "the answer is not a number";
    return;
  }
  const double error = given.get<double>() - row.target.get<double>();
  result.detail["answer"] = given;
  result.detail["error"] = error;
  result.score = std::abs(error) <= spec_.grading.tolerance ? 1 : 0;
  if (result.score < 1) result.detail["why"] = error > 0 ? "too large" : "too small";
}

void Grader::grade_exact(const Row& row, const Json& answer, TaskResult& result) const {
  result.score = answer == row.target ? 1 : 0;
  if (result.score < 1) result.detail["why"] = "not the expected answer";
}

// A box that cannot be started is our failure. A grader that ends without a verdict is the answer's: a hostile answer must not
// be able to have its own grading repeated for ever. check_domain() tells a broken grader by giving it right answers.
Result<void> Grader::grade_program(const Row& row, const Json& answer, TaskResult& result) const {
  Json task = {{"id", row.id}, {"input", row.fields}};
  if (!spec_.labels.empty()) task["labels"] = spec_.labels;
  auto process = launcher_->start(box_);
  if (!process) return process.error();
  (*process)->send(dumped({{"task", std::move(task)}, {"expected", row.target}, {"answer", answer}}));
  const auto frame = (*process)->receive(spec_.grading.seconds);
  const Json verdict = frame ? Json::parse(*frame, nullptr, false) : Json();
  if (!frame) {
    const RunOutcome outcome = (*process)->wait();
    const std::string complaint = shortened(dumped((*process)->standard_error()), kMostWhy);
    result.detail["why"] = "the grader gave no verdict: it " + describe(outcome) + (complaint.size() > 2 ? "; it said " + complaint : "");
    return {};
  }
  const Json score = verdict.is_object() ? verdict.value("score", Json()) : Json();
  if (!score.is_number() || !(score.get<double>() >= 0 && score.get<double>() <= 1)) {
    result.detail["why"] = "the grader's verdict has no \"score\" of 0 to 1";
    return {};
  }
  result.score = score.get<double>();
  const Json why = verdict.value("why", Json());
  if (why.is_string())
    result.detail["why"] = shortened(why.get<std::string>(), kMostWhy);
  else if (result.score < 1)
    result.detail["why"] = "the grader gave less than full marks";
  return {};
}

Json right_answer(const Spec& spec, const Row& row) {
  return spec.grading.kind == Grading::Kind::Label ? Json(label_text(row.target)) : row.target;
}

}  // namespace hyperagent::jsonl
