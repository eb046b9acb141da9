#include "sandbox/agent_runner.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

namespace hyperagent {
namespace {

constexpr const char *kRunnerInBox = "/opt/ha-runner", *kTrainerInBox = "/opt/ha-robot-trainer", *kModuleInBox = "/opt/ha-robot-torch.so";
constexpr const char* kReward = "reward";
constexpr int kTrainerProcesses = 128;  // threads count: up to 32 of the trainer's own, as many of LibTorch, the driver's
// Each input has its own limit, from which the host's time in host calls is taken off; this one only ends what nobody waits for.
constexpr double kBoxSeconds = 3600;
// How long a box is used for further inputs, and how much of its output limit they may use up before there is a new one.
constexpr double kReuseSeconds = 600;
constexpr std::size_t kReuseBytes = 16 << 20;
constexpr double kStopSeconds = 0.25;  // how long a request to stop may go unnoticed
constexpr double kGraceSeconds = 5;    // for sending, and for a box to end
constexpr double kLoadSeconds = 60;

constexpr std::size_t kBatchInputs = 64, kBatchBytes = 1 << 20;  // of a batch
constexpr std::size_t kNotedBytes = 4 << 10;  // of a call: what is short is not nested so deeply that a copy of it could overflow the stack
constexpr std::size_t kMostNoted = 64;        // different calls of a batch
constexpr std::size_t kRareCalls = 8;         // one made for fewer inputs than one in eight is not expected again

const Violation kForged{"wrote to the host past the agent API"};

bool is_number(const Json& message, const char* member) {
  const auto found = message.find(member);
  return found != message.end() && found->is_number_integer();
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

bool readable(const std::string& file) { return ::access(file.c_str(), R_OK) == 0; }

std::string written(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// An agent's calls of one kind: the same name and arguments, letter for letter (as values 2 and 2.0 are equal, and a domain may tell them
// apart).
struct Call {
  std::string name;
  Json arguments;
  std::string text;  // written(arguments)
  int made = 0;      // by the inputs of the batch before
};

// Inputs travel in batches, each with the replies to the calls that the agent is expected to make (runner.cpp has the frames).
// The box of one agent serves its next run() too: a new one and loading the agent anew cost as much as a hundred small tasks.
class BoxedRunner : public AgentRunner {
 public:
  BoxedRunner(BoxLauncher& launcher, AgentRunnerOptions options) : launcher_(launcher), options_(std::move(options)) {}

  Result<std::vector<EntryReply>> run(const std::string& library, const std::string& entry, std::span<const Json> inputs,
                                      const HostCalls& calls, double seconds_per_input, const StopAsked& stopped) override {
    if (library != library_ || entry != entry_) {
      box_.reset();
      expected_.clear();
      answered_ = false;
    }
    library_ = library;
    entry_ = entry;
    std::vector<EntryReply> replies;
    if (library == forger_) replies.assign(inputs.size(), {kForged, std::nullopt});
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
      auto batch = send_batch(inputs, replies.size(), calls, seconds_per_input, stopped);
      for (std::size_t at = 0; at < batch.size && box_alive_; ++at) {
        if (at > 0 && spent(seconds_per_input)) {  // the rest goes out again
          box_.reset();
          break;
        }
        auto reply = one(batch, at, calls, seconds_per_input, stopped);
        if (!reply || !box_alive_) box_.reset();
        if (!reply) return reply.error();
        if (std::holds_alternative<TimedOut>(reply->outcome)) ++timeouts;
        replies.push_back(std::move(*reply));
      }
      if (batch.forged) {
        forger_ = library;
        replies.assign(inputs.size(), {kForged, std::nullopt});
      }
      learn(batch);
    }
    return replies;
  }

 private:
  struct Batch {
    std::size_t first = 0, size = 0;  // of run()'s inputs
    std::vector<Call> calls;          // whose replies were sent along, and further ones that were made
    std::size_t foreseen = 0;         // how many of them were sent along
    bool forged = false;
  };

  // Whether the box has used up its time or its output so far that the next input may find too little left.
  bool spent(double seconds) const { return now() - box_started_ + seconds > kBoxSeconds || received_ > kReuseBytes; }

  bool fit_for_another(double seconds) {
    if (now() - box_started_ > kReuseSeconds || spent(seconds)) return false;
    box_->allow(kGraceSeconds);
    return !box_->ready(0);  // one that has something to say before it is asked has ended, or answers what it was not asked
  }

  // Until an input of this agent was answered nobody knows which calls it makes: the first one goes alone.
  Batch send_batch(std::span<const Json> inputs, std::size_t first, const HostCalls& calls, double seconds, const StopAsked& stopped) {
    Batch batch{first, 0, expected_, expected_.size()};
    const std::size_t most = entry_ == kReward || !answered_ ? 1 : kBatchInputs;
    Json sent = {{"entry", entry_}, {"calls", Json::array()}, {"inputs", Json::array()}, {"replies", Json::array()}};
    for (Call& call : batch.calls) {
      call.made = 0;
      sent["calls"].push_back({call.name, call.text});
    }
    std::size_t bytes = 0;
    while (batch.size < most && first + batch.size < inputs.size() && bytes < kBatchBytes && (batch.size == 0 || !stopped || !stopped())) {
      const std::size_t index = first + batch.size++;
      std::vector<std::uint8_t> encoded = Json::to_cbor(inputs[index]);
      bytes += encoded.size();
      sent["inputs"].push_back(Json::binary(std::move(encoded)));
      Json replies = Json::array();
      for (const Call& call : batch.calls) {
        std::optional<Json> reply = calls.foresee ? calls.foresee(index, call.name, call.arguments) : std::nullopt;
        replies.push_back(reply ? Json::array({std::move(*reply)}) : Json());
      }
      sent["replies"].push_back(std::move(replies));
    }
    const std::vector<std::uint8_t> frame = Json::to_cbor(sent);
    box_->allow(seconds + kGraceSeconds);
    // A box that does not take it has ended, which the first input will find out.
    box_->send(std::string_view(reinterpret_cast<const char*>(frame.data()), frame.size()));
    return batch;
  }

  void learn(const Batch& batch) {
    answered_ = true;
    expected_.clear();
    for (const Call& call : batch.calls)
      if (expected_.size() < kMostForeseen && kRareCalls * static_cast<std::size_t>(call.made) >= batch.size) expected_.push_back(call);
  }

  Result<void> start() {
    BoxSpec spec;
    if (entry_ == kReward) {
      if (!readable(options_.trainer.program))
        return environment_error("this hyperagent was built without the robot; configure it with -DHYPERAGENT_ROBOT=ON");
      spec = trainer_box(options_.trainer);
    } else {
      spec.argv = {kRunnerInBox};
      spec.read_only = {{options_.program, kRunnerInBox}};
      spec.limits.memory_bytes = options_.memory_bytes;
      spec.profile = SyscallProfile::Agent;
    }
    spec.limits.wall_seconds = kBoxSeconds;
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

  // What became of the input at place `at` of the batch. The agent began with it when it had answered the one before.
  Result<EntryReply> one(Batch& batch, std::size_t at, const HostCalls& calls, double seconds, const StopAsked& stopped) {
    EntryReply reply;
    const std::size_t index = batch.first + at;
    int asked_for = 0;
    double deadline = now() + seconds, last_asked = now();
    box_->allow(seconds + kGraceSeconds);
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
      // Each frame says which input it is about. The runner keeps the order; who writes past it may have forged what came before, too.
      if (!message.is_object() || !is_number(message, "at") || message["at"] != at) {
        batch.forged = true;
        return killed(std::move(reply), kForged);
      }
      const int served = count_served(batch, message);
      if (served > 0 && calls.served) calls.served(index, served);
      if (message.contains("call")) {
        asked_for += 1 + served;
        if (asked_for > options_.most_calls)
          return killed(std::move(reply), Violation{"more than " + std::to_string(options_.most_calls) + " host calls"});
        const double asked = now();
        // Moved: a copy is recursive, and an agent may nest what it asks with as deeply as it likes.
        const Json arguments = message.contains("arguments") ? std::move(message["arguments"]) : Json();
        const std::string name = message["call"].is_string() ? message["call"].get<std::string>() : "";
        auto answer = calls.answer(index, name, arguments);
        if (!answer) return answer.error();
        if (frame->size() <= kNotedBytes) note(batch, index, calls, name, arguments);
        deadline += now() - asked;  // the host's own time is not the agent's
        box_->allow(deadline - now() + kGraceSeconds);
        box_->send("{\"at\":" + std::to_string(at) + ",\"reply\":" + written(*answer) + "}");
        continue;
      }
      if (message.contains("value")) reply.value = std::move(message["value"]);
      if (is_number(message, "exit")) {
        reply.outcome = Exited{message["exit"].get<int>()};
        if (!succeeded(reply.outcome)) reply.value.reset();
        return reply;
      }
      if (is_number(message, "signal")) {
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

  // Which of the replies that were sent along the agent has used; how many.
  static int count_served(Batch& batch, const Json& message) {
    const auto served = message.find("served");
    if (served == message.end() || !served->is_array()) return 0;
    int count = 0;
    for (const Json& which : *served) {
      if (!which.is_number_unsigned() || which.get<std::size_t>() >= batch.foreseen || count == static_cast<int>(batch.foreseen)) continue;
      ++batch.calls[which.get<std::size_t>()].made;
      ++count;
    }
    return count;
  }

  // A call that was made: if its reply can be foreseen, later inputs may get it along.
  static void note(Batch& batch, std::size_t index, const HostCalls& calls, const std::string& name, const Json& arguments) {
    const std::string text = written(arguments);
    for (Call& call : batch.calls)
      if (call.name == name && call.text == text) {
        ++call.made;
        return;
      }
    if (batch.calls.size() < kMostNoted && calls.foresee && calls.foresee(index, name, arguments))
      batch.calls.push_back({name, arguments, text, 1});
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
  std::string forger_;          // an agent that wrote past the API: nothing it says counts any more
  std::vector<Call> expected_;  // of the next batch
  bool answered_ = false;       // an input was
  double box_started_ = 0;
  std::size_t received_ = 0;  // bytes, of this box
  bool box_alive_ = false;
};

}  // namespace

std::vector<std::string> folders_beside(const std::string& module) {
  std::ifstream in(module + ".folders");
  std::vector<std::string> folders;
  for (std::string line; std::getline(in, line);)
    if (line.size() > 1 && ::access(line.c_str(), R_OK | X_OK) == 0) folders.push_back(line);
  return folders;
}

BoxSpec trainer_box(const TrainerOptions& options) {
  BoxSpec spec;
  spec.argv = {kTrainerInBox};
  spec.read_only = {{options.program, kTrainerInBox}};
  if (readable(options.module)) spec.read_only.push_back({options.module, kModuleInBox});
  for (const std::string& folder : options.folders) spec.read_only.push_back({folder, folder});
  spec.limits.memory_bytes = options.memory_bytes;
  spec.limits.processes = kTrainerProcesses;
  spec.profile = SyscallProfile::Agent;
  spec.gpu = options.gpu;
  // Idle threads of LibTorch that spin would cost a training beside this one ten times its time.
  spec.environment = {{"OMP_WAIT_POLICY", "passive"}, {"OPENBLAS_NUM_THREADS", "1"}};
  if (spec.gpu) spec.environment.push_back({"CUDA_CACHE_DISABLE", "1"});  // there is nowhere to keep what the driver assembled
  if (const char* chosen = std::getenv("CUDA_VISIBLE_DEVICES"); spec.gpu && chosen != nullptr)
    spec.environment.push_back({"CUDA_VISIBLE_DEVICES", chosen});
  return spec;
}

std::unique_ptr<AgentRunner> make_boxed_runner(BoxLauncher& launcher, AgentRunnerOptions options) {
  return std::make_unique<BoxedRunner>(launcher, std::move(options));
}

}  // namespace hyperagent
