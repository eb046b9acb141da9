#include "sandbox/agent_runner.h"

#include <chrono>

namespace hyperagent {
namespace {

constexpr const char *kRunnerInBox = "/opt/ha-runner", *kTrainerInBox = "/opt/ha-robot-trainer", *kModuleInBox = "/opt/ha-robot-torch.so";
constexpr const char* kReward = "reward";
// Each input has its own limit, from which the host's time in host calls is taken off; this one only ends what nobody waits for.
constexpr double kBoxSeconds = 3600;
// How long a box is used for further inputs, and how much of its output limit they may use up before there is a new one.
constexpr double kReuseSeconds = 600;
constexpr std::size_t kReuseBytes = 16 << 20;
constexpr double kStopSeconds = 0.25;  // how long a request to stop may go unnoticed
constexpr double kGraceSeconds = 5;    // for sending, and for a box to end
constexpr double kLoadSeconds = 60;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// The box of one agent serves its next run() too: a new one and loading the agent anew cost as much as a hundred small tasks.
class BoxedRunner : public AgentRunner {
 public:
  BoxedRunner(BoxLauncher& launcher, AgentRunnerOptions options) : launcher_(launcher), options_(std::move(options)) {}

  Result<std::vector<EntryReply>> run(const std::string& library, const std::string& entry, std::span<const Json> inputs,
                                      const HostCalls& calls, double seconds_per_input, const StopAsked& stopped) override {
    if (library != library_ || entry != entry_) box_.reset();
    library_ = library;
    entry_ = entry;
    std::vector<EntryReply> replies;
    int timeouts = 0;
    while (replies.size() < inputs.size()) {
      if (timeouts >= options_.most_timeouts) {
        replies.push_back({TimedOut{seconds_per_input}, std::nullopt});
        continue;
      }
      if (stopped && stopped()) return stopped_error();
      if (box_ && !fit_for_another(seconds_per_input)) box_.reset();
      if (!box_)
        if (auto started = start(); !started) return started.error();
      const std::size_t index = replies.size();
      auto reply = one(inputs[index], index, calls, seconds_per_input, stopped);
      if (!reply || !box_alive_) box_.reset();
      if (!reply) return reply.error();
      if (std::holds_alternative<TimedOut>(reply->outcome)) ++timeouts;
      replies.push_back(std::move(*reply));
    }
    return replies;
  }

 private:
  bool fit_for_another(double seconds) {
    const double age = now() - box_started_;
    if (age > kReuseSeconds || age + seconds > kBoxSeconds || received_ > kReuseBytes) return false;
    box_->allow(kGraceSeconds);
    return !box_->ready(0);  // one that has something to say before it is asked has ended, or answers what it was not asked
  }

  Result<void> start() {
    BoxSpec spec;
    if (entry_ == kReward) {
      if (options_.trainer.empty()) return environment_error("this hyperagent was built without the robot; configure it with -DHYPERAGENT_ROBOT=ON");
      spec.argv = {kTrainerInBox};
      spec.read_only = {{options_.trainer, kTrainerInBox}};
      if (!options_.trainer_module.empty()) spec.read_only.push_back({options_.trainer_module, kModuleInBox});
      spec.limits.memory_bytes = options_.trainer_memory_bytes;
      spec.gpu = options_.trainer_gpu;
      // Idle threads of LibTorch that spin would cost a training beside this one ten times its time.
      spec.environment = {{"OMP_WAIT_POLICY", "passive"}, {"OPENBLAS_NUM_THREADS", "1"}};
      if (spec.gpu) spec.environment.push_back({"CUDA_CACHE_DISABLE", "1"});  // there is nowhere to keep what the driver assembled
    } else {
      spec.argv = {kRunnerInBox};
      spec.read_only = {{options_.program, kRunnerInBox}};
      spec.limits.memory_bytes = options_.memory_bytes;
    }
    spec.limits.wall_seconds = kBoxSeconds;
    spec.profile = SyscallProfile::Agent;
    auto box = launcher_.start(spec);
    if (!box) return box.error();
    box_ = std::move(*box);
    box_->allow(kLoadSeconds);
    received_ = 0;
    box_->send(library_);  // a box that ended already is noticed at the first input
    box_started_ = now();
    box_alive_ = true;
    return {};
  }

  Result<EntryReply> one(const Json& input, std::size_t index, const HostCalls& calls, double seconds, const StopAsked& stopped) {
    EntryReply reply;
    int asked_for = 0;
    double deadline = now() + seconds, last_asked = now();
    box_->allow(seconds + kGraceSeconds);
    if (!box_->send(Json{{"entry", entry_}, {"input", input}}.dump())) return ended(std::move(reply));
    for (;;) {
      const double left = deadline - now();
      if (stopped && now() - last_asked > kStopSeconds) {
        if (stopped()) return stopped_error();
        last_asked = now();
      }
      if (left > 0 && !box_->ready(std::min(left, kStopSeconds))) continue;
      const auto frame = left > 0 ? box_->receive(left) : std::nullopt;
      if (!frame && left > 0) return ended(std::move(reply));
      if (!frame) return killed(std::move(reply), TimedOut{seconds});
      received_ += frame->size();
      Json message = Json::parse(*frame, nullptr, false);
      if (!message.is_object()) continue;
      if (message.contains("call")) {
        if (++asked_for > options_.most_calls) return killed(std::move(reply), Violation{"more than " + std::to_string(options_.most_calls) + " host calls"});
        const double asked = now();
        // Moved: a copy is recursive, and an agent may nest what it asks with as deeply as it likes.
        const Json arguments = message.contains("arguments") ? std::move(message["arguments"]) : Json();
        auto answer = calls(index, message["call"].is_string() ? message["call"].get<std::string>() : "", arguments);
        if (!answer) return answer.error();
        deadline += now() - asked;  // the host's own time is not the agent's
        box_->allow(deadline - now() + kGraceSeconds);
        box_->send(answer->dump(-1, ' ', false, Json::error_handler_t::replace));
      } else if (message.contains("value")) {
        reply.value = std::move(message["value"]);
      } else if (message.contains("exit") && message["exit"].is_number_integer()) {
        reply.outcome = Exited{message["exit"].get<int>()};
        if (!succeeded(reply.outcome)) reply.value.reset();
        return reply;
      } else if (message.contains("signal") && message["signal"].is_number_integer()) {
        const int signal = message["signal"].get<int>();
        if (signal == 31)
          reply.outcome = Violation{"a system call agents may not make (SIGSYS)"};
        else
          reply.outcome = Signalled{signal};
        reply.value.reset();
        return reply;
      }
    }
  }

  // The box has nothing more to say.
  Result<EntryReply> ended(EntryReply reply) {
    box_->allow(kGraceSeconds);
    reply.outcome = box_->wait();
    const auto* exited = std::get_if<Exited>(&reply.outcome);
    // ha-runner loads agents in its own process, so of that one an agent could forge the status.
    if (entry_ == kReward && exited != nullptr && exited->status == kRunnerFault) {
      const std::string said = box_->standard_error();
      return environment_error("the robot's trainer cannot work: " + said.substr(said.size() - std::min<std::size_t>(said.size(), 400)));
    }
    reply.value.reset();
    box_alive_ = false;
    return reply;
  }

  EntryReply killed(EntryReply reply, RunOutcome why) {
    box_->kill();
    reply.outcome = std::move(why);
    reply.value.reset();
    box_alive_ = false;
    return reply;
  }

  static Error stopped_error() { return interrupted_error("stopped on request while an agent ran"); }

  BoxLauncher& launcher_;
  AgentRunnerOptions options_;
  std::unique_ptr<BoxProcess> box_;  // runs entry_ of library_
  std::string library_, entry_;
  double box_started_ = 0;
  std::size_t received_ = 0;  // bytes, of this box
  bool box_alive_ = false;
};

}  // namespace

std::unique_ptr<AgentRunner> make_boxed_runner(BoxLauncher& launcher, AgentRunnerOptions options) {
  return std::make_unique<BoxedRunner>(launcher, std::move(options));
}

}  // namespace hyperagent
