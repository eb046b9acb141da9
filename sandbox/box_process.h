// The host's side of one running box: frames, limits that the host keeps, and the classification of its end.
// One owner, not thread-safe. While no call runs, nobody empties the pipes: a program that has written a pipe's worth (64 KiB) of
// output or errors waits for the next call; its wall-clock limit runs on, kept by the box's init.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/box.h"
#include "sandbox/box_init.h"
#include "sandbox/cgroup.h"
#include "sandbox/posix.h"

namespace hyperagent {

// What start() hands over: the host's ends.
struct BoxEnds {
  Fd input, output, error_output, report, lifeline, process;  // `process`: pidfd of the box's init
  BoxGroup group;
  BoxLimits limits;
  SyscallProfile profile = SyscallProfile::Agent;
  double began = 0;  // monotonic_seconds()
};

class NamespaceBox final : public BoxProcess {
 public:
  explicit NamespaceBox(BoxEnds ends);
  ~NamespaceBox() override;
  NamespaceBox(const NamespaceBox&) = delete;
  NamespaceBox& operator=(const NamespaceBox&) = delete;

  void allow(double seconds) override;
  bool send(std::string_view frame) override;
  std::optional<std::string> receive(double timeout_seconds) override;
  bool ready(double seconds) override;
  RunOutcome wait() override;
  void kill() override;
  std::string standard_error() const override;

 private:
  enum class Turn { Moved, Deadline };
  Turn pump(double deadline, std::string_view* outgoing);
  void read_output();
  void read_errors();
  void read_report();
  std::optional<std::string> take_frame();
  std::optional<std::uint32_t> promised() const;  // bytes of the next frame, once its header is there
  void stop(RunOutcome why);
  void reap();
  RunOutcome classify(long long memory_kills) const;
  double wall_deadline() const;
  bool over_limit(std::uint32_t promised) const;

  BoxEnds ends_;
  std::vector<char> block_;
  std::string unread_;     // standard output not yet returned
  std::size_t taken_ = 0;  // bytes of unread_ already returned
  long long output_seen_ = 0;
  bool discard_output_ = false;
  double allowed_until_;  // monotonic_seconds()
  std::string errors_;
  std::optional<Report> end_;      // what init said
  std::optional<RunOutcome> why_;  // why the host stopped the box, when it did
  std::optional<RunOutcome> outcome_;
};

// Waits for a cloned child and takes it in; for setup failures too.
void kill_and_reap(const Fd& process);

}  // namespace hyperagent
