// What a person sees of a running search. Text is made by ProgressText, which is pure but for the time it is told; ProgressPrinter
// sends it where it belongs. "score" is the one that the pool ranks by (core/pool.h).
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "hyperagent/cli/console.h"
#include "hyperagent/cli/event_log.h"
#include "hyperagent/core/clock.h"
#include "hyperagent/loop/loop.h"

namespace hyperagent {

// The budget of a run, for "left".
struct Budget {
  int generations = 0, max_candidates = 0;
  double max_seconds = 0;
};

class ProgressText {
 public:
  explicit ProgressText(Budget budget) : budget_(budget) {}

  // "generation 12/40  best 0.510 (val 0.533, train 0.433) agent 17  3.2 cand/s  refused 4 (type_check 3, parse 1)  left 1 min 20 s  ETA 50 s": of
  // a "generation" event. Where that is longer than `width`, the reasons of refusals go first, what is left and the ETA never.
  std::string status(const Json& event, std::size_t width = std::string::npos) const;
  // A permanent line for a root or an agent that is the pool's best now; nothing for others.
  static std::optional<std::string> milestone(const Json& event);

 private:
  std::string status_without(const Json& event, int omitted) const;

  Budget budget_;
};

// Hears the loop. On a terminal: one live line and a line for each new best; elsewhere: a line every few seconds and for each new best;
// with `json`: every event as a line of JSON on standard output. Always appends to the event log.
class ProgressPrinter : public Progress {
 public:
  struct Parts {
    Console& console;
    EventLog& log;
    const Clock& clock;
    CancelFlag& cancel;  // set when the log cannot be written: a run that cannot be accounted for stops
    bool json = false;
    bool terminal = false;
    std::size_t width = 80;
  };
  ProgressPrinter(Parts parts, ProgressText text) : parts_(parts), text_(std::move(text)) {}

  void on_event(const Json& event) override;
  void working_on(const std::string& what);  // something long before the first generation
  // The last "generation" event. May be asked from another thread.
  Json last_generation() const;
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Parts parts_;
  ProgressText text_;
  double printed_ = -1e9;  // when the last plain line was
  std::optional<Error> failure_;
  mutable std::mutex mutex_;
  Json last_generation_;
};

// Columns of the terminal behind `fd`, 80 when it cannot say.
std::size_t terminal_width(int fd);

}  // namespace hyperagent
