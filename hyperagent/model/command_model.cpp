#include "hyperagent/model/command_model.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "hyperagent/core/pipe_write.h"
#include "hyperagent/model/retry.h"
#include "hyperagent/model/wire.h"

extern char** environ;

namespace hyperagent::model {
namespace {

constexpr std::size_t kMostBytes = 8u << 20, kWordsKept = 2000;

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Ran {
  int status = -1;
  std::string out, err;
  enum End { Finished, TimedOut, TooLarge, Cancelled, NotStarted } end = Finished;
};

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_, O_CLOEXEC) != 0) ends_[0] = ends_[1] = -1;
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int end(int which) const { return ends_[which]; }
  void close(int which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  int ends_[2];
};

pid_t spawn_shell(const std::string& command, bool own_group, Pipe& in, Pipe& out, Pipe& err) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.end(0), 0);
  posix_spawn_file_actions_adddup2(&actions, out.end(1), 1);
  posix_spawn_file_actions_adddup2(&actions, err.end(1), 2);
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);  // ours ignores it, and ignoring is inherited
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  // A group of its own can be ended whole; but a program that asks a person must stay in the terminal's foreground group.
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
  const char* arguments[] = {"sh", "-c", command.c_str(), nullptr};
  pid_t pid = -1;
  if (posix_spawn(&pid, "/bin/sh", &actions, &attributes, const_cast<char**>(arguments), environ) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return pid;
}

Ran run(const std::string& command, const std::string& input, double limit_seconds, const CancelFlag& cancel) {
  Ran ran;
  Pipe in, out, err;
  const bool own_group = ::isatty(0) == 0;
  const pid_t pid = spawn_shell(command, own_group, in, out, err);
  if (pid < 0) {
    ran.end = Ran::NotStarted;
    return ran;
  }
  in.close(0);
  out.close(1);
  err.close(1);
  ::fcntl(in.end(1), F_SETFL, O_NONBLOCK);
  std::size_t sent = 0;
  const double deadline = seconds_now() + limit_seconds;
  while (out.end(0) >= 0 || err.end(0) >= 0) {
    if (cancel) ran.end = Ran::Cancelled;
    else if (seconds_now() > deadline) ran.end = Ran::TimedOut;
    else if (ran.out.size() > kMostBytes) ran.end = Ran::TooLarge;
    if (ran.end != Ran::Finished) break;
    pollfd wanted[3] = {{out.end(0), POLLIN, 0}, {err.end(0), POLLIN, 0}, {in.end(1), POLLOUT, 0}};
    if (::poll(wanted, 3, 50) < 0 && errno != EINTR) break;
    if (wanted[2].revents != 0) {
      const ssize_t n = sent < input.size() ? write_without_signal(in.end(1), std::string_view(input).substr(sent)) : 0;
      if (n > 0) sent += static_cast<std::size_t>(n);
      if (sent == input.size() || (n < 0 && errno != EAGAIN && errno != EINTR)) in.close(1);
    }
    for (auto [pipe, to, slot] : {std::tuple{&out, &ran.out, 0}, std::tuple{&err, &ran.err, 1}}) {
      if (wanted[slot].revents == 0) continue;
      char buffer[1 << 14];
      const ssize_t n = ::read(pipe->end(0), buffer, sizeof buffer);
      if (n > 0) to->append(buffer, static_cast<std::size_t>(n));
      else if (n == 0 || (errno != EINTR && errno != EAGAIN)) pipe->close(0);
      if (to == &ran.err && to->size() > 2 * kWordsKept) to->erase(0, to->size() - kWordsKept);
    }
  }
  int status = 0;
  while (ran.end == Ran::Finished && ::waitpid(pid, &status, WNOHANG) == 0) {  // its output is closed, but it goes on
    if (!wait_for(0.002, cancel)) ran.end = Ran::Cancelled;
    else if (seconds_now() > deadline) ran.end = Ran::TimedOut;
  }
  if (ran.end != Ran::Finished) {
    ::kill(own_group ? -pid : pid, SIGKILL);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
  }
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  return ran;
}

}  // namespace

std::string prompt_text(const CompletionRequest& request) {
  std::string text;
  const auto turns = std::count_if(request.messages.begin(), request.messages.end(), [](const auto& m) { return m.role != "system"; });
  for (const ModelMessage& message : request.messages) {
    if (!text.empty()) text += "\n\n";
    if (message.role != "system" && turns > 1) text += "[" + message.role + "]\n";
    text += message.text;
  }
  return text + "\n";
}

Result<ModelReply> CommandModel::complete(const CompletionRequest& request, const CancelFlag& cancel) {
  const double began = seconds_now();
  const std::string prompt = prompt_text(request);
  std::string why;
  for (int tries = 1; tries <= 2; ++tries) {
    Ran ran = run(endpoint_.command, prompt, endpoint_.timeout_seconds, cancel);
    if (ran.end == Ran::Cancelled) return interrupted_error("stopped on request");
    if (ran.end == Ran::TooLarge) return ModelReply(ModelRefusal{"too_large", "the command wrote more than 8 MiB"});
    if (ran.end == Ran::NotStarted) return environment_error("cannot start a shell for the model command: " + std::string(std::strerror(errno)));
    if (ran.end == Ran::TimedOut) {
      why = "took longer than " + std::to_string(static_cast<long long>(endpoint_.timeout_seconds)) + " s; --model-timeout gives it more";
    } else if (ran.status != 0) {
      if (ran.err.size() > kWordsKept) ran.err.erase(0, ran.err.size() - kWordsKept);
      why = "ended with status " + std::to_string(ran.status) + (ran.err.empty() ? "" : ": " + valid_utf8(ran.err));
    } else if (const std::string text = without_thoughts(ran.out); text.find_first_not_of(" \t\r\n") == std::string::npos) {
      return ModelReply(ModelRefusal{"empty", "the command wrote nothing"});
    } else {
      Completion completion;
      completion.text = valid_utf8(text);
      completion.model = endpoint_.model;
      completion.stop = "end";
      completion.use.calls = 1;
      completion.estimated = true;
      completion.tries = tries;
      completion.seconds = seconds_now() - began;
      return ModelReply(std::move(completion));
    }
    if (ran.status == 127 || ran.status == 126) break;  // no such program
  }
  while (!why.empty() && (why.back() == '\n' || why.back() == '\r')) why.pop_back();
  return environment_error("the model command '" + endpoint_.command + "' " + why);
}

}  // namespace hyperagent::model
