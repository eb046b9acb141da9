// The exchanges of a run on disk. An exchange is written before anybody hears of it: what was paid for is never asked again, neither by a
// retried step nor by a resumed run.
#pragma once

#include <functional>
#include <string>

#include "hyperagent/core/result.h"
#include "hyperagent/model/exchange.h"

namespace hyperagent::model {

// What the agents of a generation heard of the run's limits. A line of its own: {"told": {"generation", "limits"}}.
struct Told {
  int generation = 0;
  Json limits;
};

// One writer; append() is thread-safe (a line is one write).
class Journal {
 public:
  // Appends; makes the file where there is none, readable by its owner only: prompts may hold a user's data.
  static Result<Journal> open(const std::string& path);
  Journal(Journal&& other) noexcept : path_(std::move(other.path_)), fd_(other.fd_) { other.fd_ = -1; }
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  // Environment error when it cannot be written (a full disk).
  Result<void> append(const Exchange& exchange);
  Result<void> append(const Told& told);

 private:
  Journal(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  Result<void> append_line(const Json& json);
  std::string path_;
  int fd_;
};

// Every whole exchange of the file, oldest first, one at a time; a cut last line is left out. No file: none. User error for a file that holds
// something else.
Result<void> read_exchanges(const std::string& path, const std::function<void(Exchange)>& each, const std::function<void(Told)>& told = {});

}  // namespace hyperagent::model
