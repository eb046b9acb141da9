// The code of the instances that agents need not hold themselves. Compiled without inlining, so that each part of them has its own symbol.
#include <ha/instances.h>

namespace ha::instances {

extern void (*const used)(const std::string&);
void (*const used)(const std::string&) = use_all;

}  // namespace ha::instances
