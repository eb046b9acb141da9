// Rewards for a CUDA device: compiled with the embedded Clang, without CUDA's headers and libraries, joined with the robot's program.
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "domains/robot_reward/device/step.h"
#include "tests/tooling/fixture.h"
#include "tooling/agent_build.h"
#include "tooling/device_code.h"

using namespace hyperagent;
using namespace hyperagent::tooling;

namespace {

const DeviceCode& device() {
  static const auto opened = DeviceCode::open(HYPERAGENT_TEST_SHARE);
  INFO((opened ? "" : opened.error().message));
  REQUIRE(opened);
  return **opened;
}

Files reward_agent(const std::string& source) {
  Files files = blank_agent();
  files["task/solve.cpp"] = source;
  return files;
}
Files with_body(const std::string& before, const std::string& body) {
  return reward_agent("#include <ha/robot.h>\n" + before + "\nfloat reward(const ha::robot::State& state) { " + body + " }\n");
}
Files shipped_reward(const std::string& name) { return reward_agent(read_file(HYPERAGENT_TEST_SHARE "/agents/task/" + name + ".cpp")); }

constexpr const char* kShipped[] = {"reward_blank", "reward_weak", "reward_walk", "reward_hop"};

std::string ptx_of(const Files& files) {
  const auto ptx = device().ptx(files);
  if (const auto* refusal = std::get_if<Refusal>(&ptx)) FAIL(refusal->message);
  return std::get<std::string>(ptx);
}
std::string why_not(const Files& files) {
  const auto ptx = device().ptx(files);
  const auto* refusal = std::get_if<Refusal>(&ptx);
  if (refusal == nullptr) return "it runs";
  CHECK(refusal->code == "device");
  return refusal->message;
}

}  // namespace

TEST_CASE("physics, episode and a shipped reward become one program for a device that needs nothing else") {
  for (const char* name : kShipped) {
    const std::string ptx = ptx_of(shipped_reward(name));
    INFO(name);
    for (const char* kernel : {hyperagent::robot::kStartKernel, hyperagent::robot::kStepKernel})
      CHECK(ptx.find(std::string(".visible .entry ") + kernel) != std::string::npos);
    CHECK(ptx.find("fma.rn.f32") != std::string::npos);
    CHECK(ptx.find(".extern") == std::string::npos);
    CHECK(ptx.find(".func") == std::string::npos);  // all in line: no calls, no copies of what they are given
    // Host and device agree about what a launch hands over.
    CHECK(ptx.find("ha_robot_step_param_0[" + std::to_string(sizeof(hyperagent::robot::StepArguments)) + "]") != std::string::npos);
  }
}

TEST_CASE("a reward reaches the program: another one makes another") {
  const std::string one = ptx_of(with_body("", "return state.velocity[0];")),
                    other = ptx_of(with_body("", "return 2.0f * state.velocity[0];"));
  CHECK((one != other));
  CHECK((one == ptx_of(with_body("// a remark", "return state.velocity[0];"))));
}

TEST_CASE("what a reward may use on a device compiles for it") {
  for (const char* body :
       {"return std::exp(-state.roll) + std::sin(state.pitch) * std::pow(state.yaw, 2) - std::tanh(state.time);",
        "return sqrtf(state.time) + expf(-1.0f) + std::abs(-2);",
        "return std::max(0.0f, std::min(state.time, std::clamp(state.dt, 0.0f, 1.0f)));",
        "double x = state.time; return static_cast<float>(std::exp(x) + std::sqrt(x));",
        "return ha::small(ha::forward_error(state), 0.5f) + ha::minus(ha::effort(state), 0.01f) + ha::large(ha::feet_down(state), 0.1f);",
        "constexpr float weights[] = {1, 2, 3, 4}; float sum = 0; for (int i = 0; i < 4; ++i) sum += weights[i] * state.foot_force[i]; "
        "return sum;",
        "auto twice = [](float x) { return 2 * x; }; return twice(state.time);",
        "static const float kWidth = 0.5f; return ha::bell(state.velocity[0], kWidth);"}) {
    INFO(body);
    CHECK(why_not(with_body("", body)) == "it runs");
  }
  CHECK(why_not(with_body("#include <array>\n#include <limits>",
                          "std::array<float, 2> a{1, 2}; return a[1] + std::numeric_limits<float>::epsilon();")) == "it runs");
  CHECK(why_not(with_body("float fall(int n) { return n < 2 ? 1.0f : fall(n - 1) + fall(n - 2); }",
                          "return fall(static_cast<int>(state.time));")) == "it runs");
  Files two = with_body("#include \"half.h\"", "return half(state);");
  two["task/half.h"] = "#pragma once\nfloat half(const ha::robot::State& state);\n";
  two["task/half.cpp"] =
      "#include <ha/robot.h>\n#include \"half.h\"\nfloat half(const ha::robot::State& state) { return 0.5f * state.time; }\n";
  CHECK(why_not(two) == "it runs");
}

TEST_CASE("what a device cannot do is refused by name") {
  struct Case {
    const char *before, *body, *why;
  };
  const Case cases[] = {
      {"#include <vector>", "std::vector<float> v(3); return v[0];", "'vector' file not found; a reward for a device may include"},
      {"#include <string>", "return 0;", "'string' file not found"},
      {"#include <ha/model.h>", "return 0;", "file not found"},
      {"", "throw 1;", "cannot use 'throw' with exceptions disabled"},
      {"", "try { return 1; } catch (...) { return 0; }", "cannot use 'try' with exceptions disabled"},
      {"int calls;", "return static_cast<float>(++calls);", "keeps state in the variable calls"},
      {"", "static int calls = 0; return static_cast<float>(++calls);",
       "keeps state in the variable reward(ha::robot::State const&)::calls"},
      {"thread_local int calls;", "return static_cast<float>(++calls);", "thread-local storage is not supported"},
      {"float later();", "return later();", "it calls later(), which a device does not have"},
      {"", "return *new float(state.time);", "it calls operator new(unsigned long)"},
      {"extern \"C\" int printf(const char*, ...);", "printf(\"%f\\n\", 1.0); return 0;", "it calls printf"},
      {"", "return __builtin_sinf(state.time);", "it calls llvm.sin.f32"},
      {"", "asm volatile(\"trap;\"); return 0;", "inline assembly"},
      {"asm(\".global .u32 x;\");", "return 0;", "inline assembly"},
      {"struct A { virtual ~A() = default; }; struct B : A {};", "B b; A* a = &b; return dynamic_cast<B*>(a) != nullptr;",
       "use of dynamic_cast requires -frtti"},
      {"float start = [] { return 1.0f; }(); float two(); float* at = &start;", "return *at += 1;", "keeps state in the variable"},
      {"extern \"C\" void ha_robot_step(int) {}", "return 0;", "do not fit together"},
      {"", "return undeclared;", "task/solve.cpp:3:54: use of undeclared identifier 'undeclared'"},
  };
  for (const Case& c : cases) {
    INFO(c.before << " " << c.body);
    CHECK_THAT(why_not(with_body(c.before, c.body)),
               Catch::Matchers::StartsWith("the reward cannot run on a device: ") && Catch::Matchers::Contains(c.why));
  }
  CHECK_THAT(why_not(reward_agent("#include <ha/robot.h>\nfloat rewards(const ha::robot::State&) { return 0; }\n")),
             Catch::Matchers::Contains("defines reward("));
}

TEST_CASE("an agent's library carries the program for a device when it is asked for, and only then") {
  const auto program_of = [](const Files& files, const DeviceCode* code) {
    auto agent = build_agent(test_compiler(), files, code);
    REQUIRE(agent);
    if (const auto* refusal = std::get_if<Refusal>(&*agent)) FAIL(refusal->message);
    const std::string path = "/tmp/ha-test-device-" + std::to_string(getpid()) + ".so";
    std::ofstream(path, std::ios::binary) << std::get<CompiledAgent>(*agent).library;
    // Lazily bound: what it calls of the agent API is not in this test.
    void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    unlink(path.c_str());
    INFO((library == nullptr ? dlerror() : ""));
    REQUIRE(library != nullptr);
    CHECK(dlsym(library, "_Z6rewardRKN2ha5robot5StateE") != nullptr);
    const auto* program = static_cast<const char*>(dlsym(library, kDeviceProgram));
    const std::string text = program == nullptr ? "" : program;
    dlclose(library);  // the loader knows files by their names: the next one would be this one
    return text;
  };
  const Files files = shipped_reward("reward_walk");
  CHECK(program_of(files, nullptr).empty());
  const std::string carried = program_of(files, &device()), printed = ptx_of(files);
  CHECK(carried.size() == printed.size());
  CHECK((carried == printed));  // in brackets: a failure would print both

  auto refused = build_agent(test_compiler(), with_body("#include <vector>", "return 0;"), &device());
  REQUIRE(refused);
  REQUIRE(std::holds_alternative<Refusal>(*refused));
  CHECK(std::get<Refusal>(*refused).code == "device");
}

TEST_CASE("the program of the shipped rewards assembles for sm_90 without spilling a register") {
  const char* ptxas = access("/usr/local/cuda/bin/ptxas", X_OK) == 0 ? "/usr/local/cuda/bin/ptxas" : "ptxas";
  if (std::system((std::string(ptxas) + " --version > /dev/null 2>&1").c_str()) != 0) {
    WARN("SKIPPED: there is no ptxas here; it comes with CUDA's toolkit and assembles what a driver would");
    return;
  }
  for (const char* name : kShipped) {
    const std::string path = "/tmp/ha-test-device-" + std::to_string(getpid()) + ".ptx";
    std::ofstream(path) << ptx_of(shipped_reward(name));
    FILE* out = popen((std::string(ptxas) + " -arch=sm_90 -v -o /dev/null " + path + " 2>&1").c_str(), "r");
    REQUIRE(out != nullptr);
    std::string said;
    for (char line[512]; std::fgets(line, sizeof line, out) != nullptr;) said += line;
    const int status = pclose(out);
    unlink(path.c_str());
    INFO(said);
    CHECK(status == 0);
    const std::size_t step = said.find("Function properties for ha_robot_step"), end = said.find("Compile time", step);
    REQUIRE(end != std::string::npos);
    const std::string figures = said.substr(step, said.rfind('\n', end) - step);
    WARN(name << ": " << figures);
    CHECK(figures.find(" 0 bytes spill stores, 0 bytes spill loads") != std::string::npos);
  }
}
