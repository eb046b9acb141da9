#include "hyperagent/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr double kPlainSeconds = 5;
constexpr std::size_t kReasonsShown = 3;

std::optional<double> number(const Json& event, const char* name) {
  const auto found = event.find(name);
  if (found == event.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string score(const std::optional<double>& value) { return value ? decimal(*value) : "-"; }

// "refused 5 (type_check 3, parse 2)": the most frequent reasons first.
std::string refused_text(const Json& event, bool why) {
  const auto found = event.find("refused");
  if (found == event.end() || !found->is_object() || found->empty()) return "";
  std::vector<std::pair<long long, std::string>> reasons;
  long long all = 0;
  for (const auto& [reason, count] : found->items()) {
    if (!count.is_number_integer()) continue;
    reasons.emplace_back(count.get<long long>(), reason);
    all += reasons.back().first;
  }
  const std::string counted = "  refused " + std::to_string(all);
  if (!why) return counted;
  std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (std::size_t i = 0; i < std::min(reasons.size(), kReasonsShown); ++i)
    text += (i == 0 ? "" : ", ") + one_line(reasons[i].second, 24) + " " + std::to_string(reasons[i].first);
  return counted + " (" + text + (reasons.size() > kReasonsShown ? ", ..." : "") + ")";
}

std::size_t left_of(int whole, double done) { return done < whole ? static_cast<std::size_t>(whole - done) : 0; }

}  // namespace

// What may be left out of a status, the first things first: what is left and the ETA never are.
enum Omission { kNothing, kWhyRefused, kRefused, kRate, kGenerationsLeft, kScores, kAgent, kBest, kAllThatMayBe = kBest };

std::string ProgressText::status(const Json& event, std::size_t width) const {
  for (int omitted = kNothing;; ++omitted)
    if (std::string text = status_without(event, omitted); text.size() <= width || omitted == kAllThatMayBe) return text;
}

std::string ProgressText::status_without(const Json& event, int omitted) const {
  const long long generation = static_cast<long long>(number(event, "generation").value_or(0));
  std::string text = "generation " + std::to_string(generation);
  if (budget_.generations > 0) text += "/" + std::to_string(budget_.generations);
  if (omitted < kBest) text += "  best " + score(number(event, "best_score"));
  if (omitted < kScores) text += " (val " + score(number(event, "best_val")) + ", train " + score(number(event, "best_train")) + ")";
  if (const auto best = number(event, "best_agent"); best && omitted < kAgent) text += " agent " + std::to_string(static_cast<long long>(*best));
  if (const auto rate = number(event, "candidates_per_second"); rate && omitted < kRate) text += "  " + decimal(*rate, 1) + " cand/s";
  if (omitted < kRefused) text += refused_text(event, omitted < kWhyRefused);
  std::string left;
  if (budget_.max_seconds > 0) left = duration(budget_.max_seconds - number(event, "seconds").value_or(0));
  if (budget_.max_candidates > 0)
    left += (left.empty() ? "" : ", ") + plural(left_of(budget_.max_candidates, number(event, "candidates").value_or(0)), "candidate");
  if (budget_.generations > 0 && (left.empty() || omitted < kGenerationsLeft))
    left += (left.empty() ? "" : ", ") + plural(left_of(budget_.generations, static_cast<double>(generation)), "generation");
  if (!left.empty()) text += "  left " + left;
  if (const auto eta = number(event, "eta")) text += "  ETA " + duration(*eta);
  return text;
}

std::optional<std::string> ProgressText::milestone(const Json& event) {
  const Json kind = event.value("event", Json());
  if (kind != "root" && kind != "agent") return std::nullopt;
  const std::string agent = "agent " + std::to_string(static_cast<long long>(number(event, "id").value_or(0)));
  const std::string scores = "val " + score(number(event, "val")) + ", train " + score(number(event, "train"));
  if (kind == "root") return agent + " (" + one_line(event.value("origin", "root"), 40) + "): " + scores;
  if (!event.value("best", false)) return std::nullopt;
  const std::string reason = one_line(event.value("reason", ""), 160);
  return "new best: " + agent + " in generation " + std::to_string(static_cast<long long>(number(event, "generation").value_or(0))) + ", score " +
         score(number(event, "score")) + " (" + scores + ")" + (reason.empty() ? "" : ": " + reason);
}

void ProgressPrinter::on_event(const Json& event) {
  if (!failure_)
    if (auto logged = parts_.log.append(event); !logged) {
      failure_ = logged.error();
      parts_.cancel = true;
    }
  const bool generation = event.value("event", Json()) == "generation";
  if (generation) {
    std::lock_guard lock(mutex_);
    last_generation_ = event;
  }
  if (parts_.json) return parts_.console.print_json(event);
  if (const auto line = text_.milestone(event)) parts_.console.note(*line + "\n");
  if (!generation) return;
  if (parts_.terminal) {
    const std::size_t width = parts_.width > 4 ? parts_.width - 1 : 4;
    return parts_.console.live(one_line(text_.status(event, width), width));
  }
  const double now = parts_.clock.seconds();
  if (now - printed_ < kPlainSeconds) return;
  printed_ = now;
  parts_.console.note(text_.status(event) + "\n");
}

void ProgressPrinter::working_on(const std::string& what) {
  if (parts_.json) return;
  if (parts_.terminal) parts_.console.live(what + " ...");
  else parts_.console.note(what + "\n");
}

Json ProgressPrinter::last_generation() const {
  std::lock_guard lock(mutex_);
  return last_generation_;
}

std::size_t terminal_width(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace hyperagent
