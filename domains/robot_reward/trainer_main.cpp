// ha-robot-trainer: the in-box runner of the robot_reward domain. It speaks as ha-runner does (sandbox/runner.cpp), but where that calls
// solve() this trains a policy with the agent's reward() and returns the policy's numbers.
//
//   host -> trainer   the agent's shared object, then per task a batch of one, {"entry": "reward", "inputs": [CBOR of {"input": {"task", "preset", "seed", ...}}]}
//   child -> host     {"at": 0, "value": {"policy", "curve", "components", "steps", "device"} or {"failed": why, ...}}
//   trainer -> host   {"exit": STATUS} or {"signal": N}; or it ends itself with kRunnerFault
//
// Theory of operation. The agent is loaded and trained with in a forked child: one task leaves the next nothing, and a crash is data. The
// reward is called in the trainer's own process because it is called ten million times; it may write over the trainer's memory, and gains by
// it what it could have had honestly: a vector of numbers that the judge, elsewhere, plays and scores. It sees copies of states only.
// A child that says it has no LibTorch, that the device stopped working or that the training threw may lie: the trainer tries it itself, in a child
// without an agent, before it calls that our fault. Where that works the training gets a second chance: what failed may have been another's doing, who
// held the device's memory.
// The preset gpu simulates on a CUDA device where there is one and the agent's library carries a program for it, else on the CPU; the answer's
// "device" says which, and why.
// An iteration that takes far too long is ended by an alarm, so that an endless loop does not cost the whole limit of the box.
#include <dlfcn.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <thread>

#include "domains/robot_reward/device/cuda_device.h"
#include "domains/robot_reward/device/device_environments.h"
#include "domains/robot_reward/frames.h"
#include "domains/robot_reward/fused_engine.h"
#include "domains/robot_reward/ppo.h"
#include "domains/robot_reward/torch_engine.h"
#include "hyperagent/core/agent_runner.h"

namespace {

using namespace hyperagent;
using namespace hyperagent::robot;

constexpr const char* kReward = "_Z6rewardRKN2ha5robot5StateE";
constexpr const char* kComponents = "_Z10componentsRKN2ha5robot5StateERNS0_10ComponentsE";
constexpr const char* kDeviceProgram = "ha_device_program";  // PTX that ends with a zero (tooling/compiler.h); not every library has it
constexpr const char* kTorchModule = "/opt/ha-robot-torch.so";
constexpr int kNoTorch = 115, kNoDevice = 116, kThrew = 117;  // exit statuses of a child that says the fault is ours
constexpr int kIterationSeconds = 20, kLargeIterationSeconds = 600;  // of the fused engine, of LibTorch

struct Order {
  PpoOptions options;
  Task task = Task::Walk;
  std::string engine = "fused";
  int threads = 1;
  unsigned patience = 0;  // seconds an iteration may take
  bool device = false;    // where there is one
};

// {"task", "preset", "seed", "threads"?, "engine"?, "iterations"?, "robots"?, "iteration_seconds"?, "device"?}
Result<Order> order_from(const Json& input) {
  if (!input.is_object()) return user_error("a training is {\"task\", \"preset\", \"seed\"}");
  auto options = preset(input.value("preset", "cpu-quick"));
  if (!options) return options.error();
  auto task = task_from(input.value("task", "walk"));
  if (!task) return task.error();
  Order order{*options, *task, input.value("engine", options->shape.hidden.front() > 128 ? "torch" : "fused"), 1, 0, false};
  order.options.seed = input.value("seed", 1u);
  order.options.iterations = std::clamp(input.value("iterations", order.options.iterations), 1, 100000);
  order.options.robots = std::clamp(input.value("robots", order.options.robots), 64, 1 << 20);
  order.device = input.value("device", input.value("preset", "") == "gpu");
  order.threads = std::clamp(input.value("threads", 1), 1, 64);
  order.patience = static_cast<unsigned>(std::clamp(input.value("iteration_seconds", order.engine == "torch" ? kLargeIterationSeconds : kIterationSeconds), 1, 3600));
  return order;
}

// Robots on a device hand their rollouts to networks there. `program`: for the device, or null.
Result<std::unique_ptr<Environments>> device_environments(const Order& order, const char* program, const Engine& engine) {
  if (program == nullptr) return environment_error("the agent was compiled without a program for a device");
  if (engine.where() != "cuda") return environment_error("this LibTorch computes on the CPU: it was built without CUDA, or finds no device");
  return make_device_environments(arena_options(order.options, order.task), order.options.steps, program);
}

Json train(const Json& input, const RewardProgram& reward, const char* program) {
  auto order = order_from(input);
  if (!order) return {{"failed", order.error().message}};
  Crew crew(order->threads);
  std::unique_ptr<Engine> engine;
  if (order->engine == "torch") {
    auto loaded = load_torch_engine(kTorchModule, order->options.shape, order->threads);
    if (!loaded) _exit(kNoTorch);
    engine = std::move(*loaded);
  } else {
    engine = std::make_unique<FusedEngine>(order->options.shape, best_kernels(), crew);
  }
  alarm(order->patience);
  const ArenaOptions robots = arena_options(order->options, order->task);
  std::unique_ptr<Environments> environments;
  std::string why_cpu;
  if (order->device) {
    auto made = device_environments(*order, program, *engine);
    if (made)
      environments = std::move(*made);
    else
      why_cpu = ": " + made.error().message;
  }
  if (!environments) environments = make_cpu_environments(robots, order->options.steps, reward.reward, best_kernels(), crew);
  const std::string where = "robots on " + environments->where() + why_cpu + "; networks on " + engine->where();
  Training training(order->options, std::move(environments), reward.components, crew, *engine);
  training.progress = [patience = order->patience](int, int) { alarm(patience); };
  const TrainingOutcome outcome = training.run();
  alarm(0);
  if (outcome.fault) {
    std::fprintf(stderr, "%s\n", outcome.fault->message.c_str());
    _exit(kNoDevice);
  }
  Json answer = to_json(outcome);
  answer["device"] = where;
  return answer;
}

// The task of a request: {"entry", "inputs": [{"id", "input": task}]}, both in CBOR.
Json training_in(const std::string& frame) {
  const Json request = Json::from_cbor(frame, true, false), inputs = request.is_object() ? request.value("inputs", Json()) : Json();
  if (!inputs.is_array() || inputs.empty() || !inputs[0].is_binary()) return Json::object();
  const Json input = Json::from_cbor(inputs[0].get_binary(), true, false);
  return input.is_object() ? input.value("input", Json::object()) : Json::object();
}

[[noreturn]] void threw(const std::exception& thrown) {
  const std::string what = thrown.what();
  std::fprintf(stderr, "the training threw an exception: %s\n", what.substr(0, std::min(what.find('\n'), std::size_t{300})).c_str());
  _exit(kThrew);
}

[[noreturn]] void work(const std::string& bytes, const std::string& frame, Frames& frames) {
  const int file = memfd_create("agent", MFD_CLOEXEC);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) _exit(102);
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  alarm(kIterationSeconds);  // global constructors of the agent run here
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "cannot load the agent: %s\n", dlerror());
    _exit(103);
  }
  RewardProgram reward;
  reward.reward = reinterpret_cast<decltype(reward.reward)>(dlsym(library, kReward));
  reward.components = reinterpret_cast<decltype(reward.components)>(dlsym(library, kComponents));
  if (reward.reward == nullptr) {
    std::fprintf(stderr, "the agent defines no reward\n");
    _exit(113);
  }
  const auto* program = static_cast<const char*>(dlsym(library, kDeviceProgram));
  try {
    if (!frames.write({{"at", 0}, {"value", train(training_in(frame), reward, program)}})) _exit(111);
  } catch (const std::exception& thrown) {
    threw(thrown);  // LibTorch's, mostly: rewards are caught where they are called
  }
  _exit(0);
}

// Whether it succeeds in a child without an agent. Also true when that cannot be told: then the child that said otherwise is blamed.
bool succeeds(const std::function<Result<void>()>& attempt) {
  kill(-1, SIGKILL);  // whatever the child left running, to be in the way of this
  const pid_t child = fork();
  if (child < 0) return true;
  if (child == 0) {
    try {
      const auto done = attempt();
      if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
      _exit(done ? 0 : 1);
    } catch (const std::exception& thrown) {
      threw(thrown);
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {}
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Result<void> load_torch() {
  auto loaded = load_torch_engine(kTorchModule, {}, 1);
  if (!loaded) return loaded.error();
  return {};
}

Result<void> look_for_device() {
  auto found = find_cuda_device();
  if (!found) return found.error();
  return {};
}

// The training for an iteration, with a reward of our own; robots on the CPU, networks where they were.
Result<void> rehearse(Json input) {
  input["iterations"] = 1;
  const RewardProgram nothing{[](const ha::robot::State&) { return 0.0f; }, nullptr};
  const Json answer = train(input, nothing, nullptr);
  if (answer.contains("policy")) return {};
  return environment_error(answer.value("failed", "a training without an agent gave no policy"));
}

// For `hyperagent doctor`, in a box as trainings have.
int answer_doctor(const std::string& question) {
  Result<std::string> found = "instruction set " + std::string(best_kernels().name);
  if (question == "--find-device") found = find_cuda_device();
  if (question == "--find-torch") {
    const auto loaded = load_torch_engine(kTorchModule, {}, 1);
    found = loaded ? Result<std::string>("networks on " + (*loaded)->where()) : Result<std::string>(loaded.error());
    if (const auto device = find_cuda_device(); device && loaded && (*loaded)->where() != "cuda")
      found = environment_error("this LibTorch has no CUDA, so " + *device + " is not used");
  }
  std::fprintf(stderr, "%s\n", (found ? *found : found.error().message).c_str());
  return found ? 0 : 1;
}

bool says_our_fault(int status) {
  return WIFEXITED(status) && (WEXITSTATUS(status) == kNoTorch || WEXITSTATUS(status) == kNoDevice || WEXITSTATUS(status) == kThrew);
}

// Whether a child that said so said it rightly.
bool our_fault(int status, const std::string& frame) {
  const Json input = training_in(frame);
  const auto order = order_from(input);
  if (!order) return false;
  if (WEXITSTATUS(status) == kNoTorch) return order->engine == "torch" && !succeeds(load_torch);
  if (WEXITSTATUS(status) == kNoDevice) return order->device && !succeeds(look_for_device);
  return !succeeds([&] { return rehearse(input); });
}

}  // namespace

int main(int count, char** arguments) {
  prctl(PR_SET_DUMPABLE, 0);  // a reward runs under the same user, and with a GPU /proc/PID/mem can be written
  if (count == 2) return answer_doctor(arguments[1]);
  // Without this the memory of big temporaries goes back to the kernel and comes again, all the time.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
  auto frames = Frames::take_standard_streams();
  if (!frames) return 100;
  const auto bytes = frames->read();
  if (!bytes) return 101;
  while (const auto frame = frames->read()) {
    int status = 0;
    for (int chance = 0; chance < 2; ++chance) {
      const pid_t child = fork();
      if (child < 0) return 104;
      if (child == 0) work(*bytes, *frame, *frames);
      while (waitpid(child, &status, 0) < 0) {}
      if (!says_our_fault(status)) break;
      if (our_fault(status, *frame)) return kRunnerFault;
    }
    const bool sent = WIFSIGNALED(status) ? frames->write({{"at", 0}, {"signal", WTERMSIG(status)}})
                                          : frames->write({{"at", 0}, {"exit", WEXITSTATUS(status)}});
    if (!sent) return 111;
  }
  return 0;
}
