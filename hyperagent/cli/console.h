// The program's two output streams. Writing never ends the program: a reader that went away (a closed pipe) is ignored, any other failure
// (a full disk behind a redirection) is remembered and reported once at the end. Thread-safe: the watcher of signals writes, too.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

class Console {
 public:
  // File descriptors are borrowed.
  Console(int out, int err) : out_(out), err_(err) {}

  void print(std::string_view text);           // to standard output, as it is
  void print_json(const Json& value);          // one line
  void note(std::string_view text);            // to standard error, as it is

  // One line at the bottom of a terminal that the next one replaces. print() and note() remove it first.
  void live(std::string_view line);
  void end_live();

  int out() const { return out_; }
  int err() const { return err_; }
  Result<void> failure() const;                // the first failed write to standard output, closed pipes apart

 private:
  void clear_live();
  int write(int fd, std::string_view text);

  int out_, err_;
  mutable std::mutex mutex_;
  bool live_ = false;
  int error_ = 0;
};

// JSON on one line; text that is not UTF-8 gets U+FFFD instead of an exception.
std::string json_line(const Json& value);

}  // namespace hyperagent
