// A C++ file that is no agent, with what Clang needs to parse it. It is parsed in the box, which may read what the compiler flags name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent {

struct CppSource {
  std::string root, name;  // together the absolute path; `name` is as the user gave it, where that can be
  std::string text;
  std::vector<std::string> flags;     // as for clang++, without compiler and file
  std::size_t given = 0;              // the last ones of them are the user's own; those of a database may be another compiler's
  std::string directory;              // where relative paths in the flags start
  std::string style;                  // the .clang-format that holds for the file, in its folder or above; empty without one
  std::vector<std::string> readable;  // what exists of the folders and files the flags name, and the file's own folder
};

// `database`: a folder with compile_commands.json (or that file), or empty; `flags` come behind its flags. User errors: no such file, no
// or malformed database, a database without the file.
Result<CppSource> load_cpp_source(const std::string& path, const std::vector<std::string>& flags, const std::string& database);

// The same for a command's PROGRAM, which may be an agent instead: then nothing. A file that includes nothing of the agent API, or comes
// with flags or a database, is no agent's. User error also for flags with anything but a C++ file.
Result<std::optional<CppSource>> find_cpp_source(const std::string& program, const std::vector<std::string>& flags,
                                                 const std::string& database);

// What the worker is told about it for "edit_source" and "outline_source".
Json about(const CppSource& source);

// The words of a command as a shell would part them; no expansions.
std::vector<std::string> shell_words(const std::string& command);

}  // namespace hyperagent
