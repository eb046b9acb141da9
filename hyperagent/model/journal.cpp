#include "hyperagent/model/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace hyperagent::model {

Result<Journal> Journal::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return environment_error("cannot open " + path + ": " + std::strerror(errno));
  // A killed process may have left half a line, behind which a new one would be lost.
  if (const off_t size = ::lseek(fd, 0, SEEK_END); size > 0) {
    char last = 0;
    if (::pread(fd, &last, 1, size - 1) == 1 && last != '\n') [[maybe_unused]] const ssize_t ended = ::write(fd, "\n", 1);
  }
  return Journal(path, fd);
}

Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> Journal::append(const Exchange& exchange) { return append_line(to_json(exchange)); }

Result<void> Journal::append(const Told& told) {
  return append_line({{"told", {{"generation", told.generation}, {"limits", told.limits}}}});
}

Result<void> Journal::append_line(const Json& json) {
  const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  ssize_t written = 0;
  do written = ::write(fd_, line.data(), line.size());
  while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) return {};
  const std::string why = written < 0 ? std::strerror(errno) : "the disk is full";
  if (written > 0) [[maybe_unused]] const ssize_t ended = ::write(fd_, "\n", 1);
  return environment_error("cannot write to " + path_ + ": " + why);
}

Result<void> read_exchanges(const std::string& path, const std::function<void(Exchange)>& each, const std::function<void(Told)>& told) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::size_t number = 0, bad = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty()) continue;
    const Json json = Json::parse(line, nullptr, false);
    try {
      if (!json.is_object()) throw Json::type_error::create(302, "not an object", &json);
      if (const auto words = json.find("told"); words != json.end()) {
        Told one{words->at("generation"), Json::object()};
        for (const auto& [name, limit] : words->at("limits").items()) one.limits[name] = limit.get<double>();
        if (told) told(std::move(one));
      } else {
        each(exchange_from(json));
      }
    } catch (const Json::exception&) {
      if (++bad > 100) return user_error(path + " is not a file of exchanges (line " + std::to_string(number) + ")");
    }
  }
  if (number > 0 && bad == number) return user_error(path + " is not a file of exchanges");
  return {};
}

}  // namespace hyperagent::model
