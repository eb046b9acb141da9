// A run's events.jsonl: what happened when. Times and machine-dependent figures live here and nowhere else; the archive has none.
#pragma once

#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

// One thread. Every event is one line, written by one write(): a killed process leaves at most its last line cut, which readers skip.
class EventLog {
 public:
  // Appends; makes the file where there is none. Environment error when it cannot be opened.
  static Result<EventLog> open(const std::string& path);
  EventLog(EventLog&& other) noexcept;
  EventLog& operator=(EventLog&&) = delete;
  ~EventLog();

  // Adds "time" (UTC, ISO 8601, milliseconds). Environment error when it cannot be written (a full disk).
  Result<void> append(Json event);

 private:
  EventLog(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

// All whole events, oldest first; none when there is no such file.
std::vector<Json> read_events(const std::string& path);

// Seconds that earlier sessions of the run spent searching: the last "seconds" of each.
double seconds_used(const std::vector<Json>& events);

}  // namespace hyperagent
