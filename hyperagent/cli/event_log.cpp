#include "hyperagent/cli/event_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>

namespace hyperagent {
namespace {

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const long long millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text;
  const std::size_t n = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string digits = std::to_string(1000 + millis);
  return std::string(text.data(), n) + "." + digits.substr(1) + "Z";
}

}  // namespace

Result<EventLog> EventLog::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return environment_error("cannot open " + path + ": " + std::strerror(errno));
  EventLog log(path, fd);
  // A line that a killed process left half-written ends here, so that the next event has a line of its own.
  const off_t size = ::lseek(fd, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n')
    if (::write(fd, "\n", 1) != 1) return environment_error("cannot write " + path + ": " + std::strerror(errno));
  return log;
}

EventLog::EventLog(EventLog&& other) noexcept : path_(std::move(other.path_)), fd_(other.fd_) { other.fd_ = -1; }

EventLog::~EventLog() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> EventLog::append(Json event) {
  event["time"] = utc_now();
  const std::string line = event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  ssize_t n = -1;
  do n = ::write(fd_, line.data(), line.size());
  while (n < 0 && errno == EINTR);
  if (n == static_cast<ssize_t>(line.size())) return {};
  return environment_error("cannot write " + path_ + ": " + (n < 0 ? std::strerror(errno) : "the disk is full"));
}

std::vector<Json> read_events(const std::string& path) {
  std::vector<Json> events;
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (event.is_object()) events.push_back(std::move(event));
  }
  return events;
}

double seconds_used(const std::vector<Json>& events) {
  double sum = 0, session = 0;
  for (const Json& event : events) {
    const Json kind = event.value("event", Json());
    if (kind == "session") {
      sum += session;
      session = 0;
    }
    if ((kind == "generation" || kind == "done") && event.contains("seconds") && event["seconds"].is_number()) session = event["seconds"].get<double>();
  }
  return sum + session;
}

}  // namespace hyperagent
