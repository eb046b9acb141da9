#include "tests/cli/fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

namespace hyperagent::cli_test {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (fs::temp_directory_path() / "ha_cli_XXXXXX").string();
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

std::string TemporaryDirectory::write(const std::string& name, const std::string& text) const {
  fs::create_directories(fs::path(path(name)).parent_path());
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Json> Finished::lines() const {
  std::vector<Json> parsed;
  std::istringstream text(out);
  for (std::string line; std::getline(text, line);) parsed.push_back(Json::parse(line, nullptr, false));
  return parsed;
}

Json Finished::json() const {
  const auto all = lines();
  return all.empty() ? Json() : all.back();
}

Running::Running(const std::vector<std::string>& argv) {
  std::vector<std::string> words = argv;
  const auto paths = installed_paths();
  if (paths && words[0].find('/') == std::string::npos && fs::exists(paths->program(words[0]))) words[0] = paths->program(words[0]);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::string out = folder_.path("out"), err = folder_.path("err");
  pid_ = ::fork();
  if (pid_ != 0) return;
  const int null = ::open("/dev/null", O_RDONLY);
  const int out_fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), err_fd = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(null, 0);
  ::dup2(out_fd, 1);
  ::dup2(err_fd, 2);
  ::execvp(pointers[0], pointers.data());
  ::_exit(127);
}

Running::~Running() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Running::signal(int number) const { ::kill(pid_, number); }

bool Running::wait_for_text(const std::string& text, double seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (read(folder_.path("out")).find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

Finished Running::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read(folder_.path("out")), read(folder_.path("err"))};
}

Finished run(const std::vector<std::string>& argv) { return Running(argv).wait(); }

Finished hyperagent(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "hyperagent");
  return run(arguments);
}

bool boxes_work() {
  static const Finished doctor = hyperagent({"doctor", "--json"});  // asked once: it takes a second
  if (doctor.status == 0) return true;
  WARN("SKIPPED: this machine or build cannot run agents: " << doctor.out << doctor.err);
  return false;
}

Paths fake_installation(const TemporaryDirectory& folder) {
  folder.write("share/agents/task/blank.cpp", "// Knows nothing.\n#include <ha/agent.h>\nha::Answer solve(const ha::Task&, ha::Host&) { return {}; }\n");
  folder.write("share/agents/task/clever.cpp", "// Knows a little.\nint solve();\n");
  folder.write("share/agents/meta/typed_mutation.cpp", "int improve();\n");
  return {folder.path("bin"), folder.path("share"), folder.path("cache")};
}

AgentRecord root() {
  AgentRecord agent;
  agent.origin = "blank";
  agent.commit = "aaaa000000000000000000000000000000000000";
  agent.train = {0, 0, 10};
  agent.val = {0, 0, 10};
  return agent;
}

AgentRecord child(int id, int parent, double val) {
  AgentRecord agent;
  agent.id = id;
  agent.parents = {parent};
  agent.origin = "edit";
  agent.generation = id;
  agent.reason = "step " + std::to_string(id);
  agent.commit = "bbbb00000000000000000000000000000000000" + std::to_string(id % 10);
  agent.train = {val, 0.1, 10};
  agent.val = {val, 0.1, 10};
  agent.edits = {{{"op", "set_literal"}, {"function", "solve"}, {"path", "0"}, {"expect", "0.5"}, {"value", "0.7"}}};
  return agent;
}

}  // namespace hyperagent::cli_test
