// What an agent's runner does inside the Agent profile: threads, a fork, and a library loaded from a memfd named as argument.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>

int main(int, char** words) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  std::ifstream file(words[1], std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const int memory = memfd_create("library", 0);
  if (write(memory, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return 2;
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    void* library = dlopen(("/proc/self/fd/" + std::to_string(memory)).c_str(), RTLD_NOW);
    if (library == nullptr) std::cerr << dlerror();
    _exit(library == nullptr ? 3 : 11);
  }
  if (child < 0 || waitpid(child, &status, 0) != child) return 4;
  int sum = 0;
  std::thread([&] { sum = WEXITSTATUS(status); }).join();
  std::cerr << "loaded " << sum;
  return sum == 11 ? 0 : 5;
}
