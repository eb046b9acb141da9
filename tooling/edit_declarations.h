// What whole declarations need besides their operations (edit_plan.h).
#pragma once

#include <cstddef>
#include <string>

namespace hyperagent::tooling {

// Behind the last #include of a file's head, found by the lexer so that comments and strings cannot mislead.
std::size_t end_of_includes(const std::string& text);

}  // namespace hyperagent::tooling
