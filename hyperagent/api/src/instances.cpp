// The code of the instances that agents need not hold themselves. Compiled without inlining, so that each part of them has its own symbol.
#include <ha/instances.h>

namespace ha::instances {

// The precompiled header holds no instances of these: an agent that uses them has them parsed, and their code from here.
void use_rarer(const std::string& text) {
  use_all(text);
  use_map<std::map<std::string, std::string>>(text, text);
  use_map<std::map<std::string, std::vector<std::string>>>(text, std::vector<std::string>());
  use_map<std::map<int, int>>(1, 1);
  use_map<std::map<int, double>>(1, 1.0);
  use_map<std::unordered_map<std::string, int>>(text, 1);
  use_map<std::unordered_map<std::string, double>>(text, 1.0);
  use_map<std::unordered_map<int, int>>(1, 1);
  use_set<std::set<int>>(1);
  use_set<std::unordered_set<std::string>>(text);
  use_set<std::unordered_set<int>>(1);
}

extern void (*const used)(const std::string&);
void (*const used)(const std::string&) = use_rarer;

}  // namespace ha::instances
