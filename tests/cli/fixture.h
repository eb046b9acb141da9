// What the tests of the command line share: a folder that goes away, the built program, and records made by hand.
#pragma once

#include <string>
#include <vector>

#include "hyperagent/cli/paths.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/pool.h"

namespace hyperagent::cli_test {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + "/" + name; }
  // Makes the folders above it, too.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

std::string read(const std::string& path);

struct Finished {
  int status = -1;
  std::string out, err;
  Json json() const;               // the last line of `out`
  std::vector<Json> lines() const; // every line of `out`
};

// A program that runs; killed by the destructor.
class Running {
 public:
  // argv[0] is looked up beside the test program when it has no slash and is there, else in PATH.
  explicit Running(const std::vector<std::string>& argv);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  void signal(int number) const;
  bool wait_for_text(const std::string& text, double seconds) const;  // on standard output
  Finished wait();

 private:
  int pid_ = -1;
  TemporaryDirectory folder_;
};

Finished run(const std::vector<std::string>& argv);
Finished hyperagent(std::vector<std::string> arguments);

// Whether boxes work here; prints a visible "SKIPPED: why" when they do not.
bool boxes_work();

// A folder like the installed share/hyperagent, with a blank task half and the default meta half, and paths that point to it.
Paths fake_installation(const TemporaryDirectory& folder);

AgentRecord root();
AgentRecord child(int id, int parent, double val);

}  // namespace hyperagent::cli_test
