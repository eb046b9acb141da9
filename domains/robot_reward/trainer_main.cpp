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
#include <variant>

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

// What is our failure, as far as the child can tell.
struct Fault {
  int status;  // that a child ends with
  std::string why;
};

// Robots on a device hand their rollouts to networks there. `program`: for the device, or null. A user error: the robots belong on the CPU.
Result<std::unique_ptr<Environments>> device_environments(const Order& order, const char* program, const Engine& engine) {
  if (program == nullptr) return user_error("the agent was compiled without a program for a device");
  if (engine.where() != "cuda") return user_error("this LibTorch computes on the CPU: it was built without CUDA, or finds no device");
  return make_device_environments(arena_options(order.options, order.task), order.options.steps, program);
}

std::variant<Json, Fault> train(const Json& input, const RewardProgram& reward, const char* program) {
  auto order = order_from(input);
  if (!order) return Json{{"failed", order.error().message}};
  alarm(order->patience);
  Crew crew(order->threads);
  std::unique_ptr<Engine> engine;
  if (order->engine == "torch") {
    auto loaded = load_torch_engine(kTorchModule, order->options.shape, order->threads);
    if (!loaded) return Fault{kNoTorch, loaded.error().message};
    engine = std::move(*loaded);
  } else {
    engine = std::make_unique<FusedEngine>(order->options.shape, best_kernels(), crew);
  }
  std::unique_ptr<Environments> environments;
  std::string why_cpu;
  if (order->device) {
    auto made = device_environments(*order, program, *engine);
    if (made)
      environments = std::move(*made);
    else if (made.error().kind == ErrorKind::UserInput)
      why_cpu = ": " + made.error().message;
    else
      return Fault{kNoDevice, made.error().message};
  }
  if (!environments)
    environments = make_cpu_environments(arena_options(order->options, order->task), order->options.steps, reward.reward, best_kernels(), crew);
  const std::string where = "robots on " + environments->where() + why_cpu + "; networks on " + engine->where();
  Training training(order->options, std::move(environments), reward.components, crew, *engine);
  training.progress = [patience = order->patience](int, int) { alarm(patience); };
  const TrainingOutcome outcome = training.run();
  alarm(0);
  if (outcome.fault) return Fault{kNoDevice, outcome.fault->message};
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

Fault thrown_by_training(const std::exception& thrown) {
  const std::string what = thrown.what();
  return {kThrew, "the training threw an exception: " + what.substr(0, std::min(what.find('\n'), std::size_t{300}))};
}

// `last`: what looks like our fault was looked into, and is the answer now.
[[noreturn]] void work(const std::string& bytes, const std::string& frame, Frames& frames, bool last) {
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
  std::variant<Json, Fault> trained;
  try {
    trained = train(training_in(frame), reward, program);
  } catch (const std::exception& thrown) {
    trained = thrown_by_training(thrown);  // LibTorch, mostly: what a reward throws is caught where it is called
  }
  if (const auto* fault = std::get_if<Fault>(&trained)) {
    std::fprintf(stderr, "%s\n", fault->why.c_str());
    if (!last) _exit(fault->status);
    trained = Json{{"failed", fault->why}};
  }
  _exit(frames.write({{"at", 0}, {"value", std::get<Json>(trained)}}) ? 0 : 111);
}

// Until nothing is left of what a child started, which would be in the way of the next. In a box alone, whose first program this is.
void kill_leftovers() {
  if (getpid() != 2 || getppid() != 1) return;
  for (int i = 0; i < 1000 && kill(-1, SIGKILL) == 0; ++i) usleep(1000);
}

// False where a child without an agent says so. Also true when that cannot be told: then the child that said otherwise is blamed.
bool succeeds(const std::function<Result<void>()>& attempt) {
  kill_leftovers();
  const pid_t child = fork();
  if (child < 0) return true;
  if (child == 0) {
    Result<void> done = {};
    try {
      done = attempt();
    } catch (const std::exception& thrown) {
      done = environment_error(thrown_by_training(thrown).why);
    }
    if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
    _exit(done ? 0 : 1);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {}
  return !(WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

Result<void> load_torch() {
  auto loaded = load_torch_engine(kTorchModule, {}, 1);
  if (!loaded) return loaded.error();
  return {};
}

// That the device takes a program, and has room for `bytes`.
Result<std::string> try_device(std::size_t bytes) {
  auto device = CudaDevice::open(".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry ha_nothing() { ret; }\n");
  if (!device) return device.error();
  if (auto room = (*device)->allocate(bytes); !room) return room.error();
  return (*device)->name();
}

Result<void> try_device_for(const PpoOptions& options) {
  constexpr std::size_t kRowBytes = 400;  // about a row of a rollout
  auto tried = try_device(kRowBytes * static_cast<std::size_t>(options.robots) * static_cast<std::size_t>(options.steps + 1));
  if (!tried) return tried.error();
  return {};
}

// The training for an iteration, with a reward of our own; robots on the CPU, networks where they were.
Result<void> rehearse(Json input) {
  input["iterations"] = 1;
  const auto trained = train(input, {[](const ha::robot::State&) { return 0.0f; }, nullptr}, nullptr);
  if (const auto* fault = std::get_if<Fault>(&trained)) return environment_error(fault->why);
  const Json& answer = std::get<Json>(trained);
  if (answer.contains("policy")) return {};
  return environment_error(answer.value("failed", "a training without an agent gave no policy"));
}

// For `hyperagent doctor`, in a box as trainings have.
int answer_doctor(const std::string& question) {
  Result<std::string> found = "instruction set " + std::string(best_kernels().name);
  if (question == "--find-device") found = try_device(1 << 20);
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
  try {
    const Json input = training_in(frame);
    const auto order = order_from(input);
    if (!order) return false;
    if (WEXITSTATUS(status) == kNoTorch) return order->engine == "torch" && !succeeds(load_torch);
    if (WEXITSTATUS(status) == kNoDevice) {
      // Without a driver the robots were on the CPU.
      return order->device && access("/dev/nvidiactl", F_OK) == 0 && !succeeds([&] { return try_device_for(order->options); });
    }
    return !succeeds([&] { return rehearse(input); });
  } catch (const std::exception&) {
    return false;
  }
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
    for (const bool last : {false, true}) {
      kill_leftovers();
      const pid_t child = fork();
      if (child < 0) return 104;
      if (child == 0) work(*bytes, *frame, *frames, last);
      while (waitpid(child, &status, 0) < 0) {}
      if (last || !says_our_fault(status)) break;
      if (our_fault(status, *frame)) return kRunnerFault;
    }
    const bool sent = WIFSIGNALED(status) ? frames->write({{"at", 0}, {"signal", WTERMSIG(status)}})
                                          : frames->write({{"at", 0}, {"exit", WEXITSTATUS(status)}});
    if (!sent) return 111;
  }
  return 0;
}
