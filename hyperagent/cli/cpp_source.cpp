#include "hyperagent/cli/cpp_source.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "hyperagent/cli/agent_source.h"
#include "hyperagent/cli/paths.h"
#include "hyperagent/core/json_text.h"

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestSource = 4 << 20;
constexpr std::size_t kLargestStyle = 1 << 20;
constexpr std::size_t kLargestDatabase = 256 << 20;

template <std::size_t n>
bool among(std::string_view word, const std::string_view (&words)[n]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

std::string resolved(const std::string& path, const std::string& directory) {
  return (fs::path(directory) / path).lexically_normal().string();
}

// Flags that name what is made, which nobody wants made here. Those of the first list are followed by a word of their own.
constexpr std::string_view kOutputsWithWord[] = {"-o", "-MF", "-MT", "-MQ", "-MJ", "-arch"};
constexpr std::string_view kOutputs[] = {"-c", "-S", "-E", "-MD", "-MMD", "-MP", "-M", "-MM", "--"};

std::vector<std::string> flags_of(const std::vector<std::string>& words, const std::string& file, const std::string& directory) {
  std::vector<std::string> flags;
  for (std::size_t i = 1; i < words.size(); ++i) {  // the first is the compiler
    if (among(words[i], kOutputsWithWord))
      ++i;
    else if (!among(words[i], kOutputs) && resolved(words[i], directory) != file)
      flags.push_back(words[i]);
  }
  return flags;
}

// Puts the flags of the file's entry into `source`.
Result<void> read_database(const std::string& given, const std::string& file, CppSource& source) {
  std::error_code code;
  const std::string path = fs::is_directory(given, code) ? given + "/compile_commands.json" : given;
  auto text = read_text_file(path, kLargestDatabase);
  if (!text) return text.error();
  const auto parsed = parse_written(*text, path);
  if (!parsed) return parsed.error();
  const Json& entries = *parsed;
  if (!entries.is_array()) return user_error(path + " is not a JSON list of compile commands");
  for (const Json& entry : entries) {
    if (!entry.is_object() || !entry.value("file", Json()).is_string()) continue;
    const std::string directory = resolved(entry.value("directory", ""), fs::path(absolute_path(path)).parent_path().string());
    if (resolved(entry["file"].get<std::string>(), directory) != file) continue;
    std::vector<std::string> words;
    if (entry.value("arguments", Json()).is_array()) {
      for (const Json& word : entry["arguments"])
        if (word.is_string()) words.push_back(word.get<std::string>());
    } else {
      words = shell_words(entry.value("command", ""));
    }
    source.directory = directory;
    source.flags = flags_of(words, file, directory);
    return {};
  }
  return user_error(path + " has no command for " + file + "; give the flags behind `--` instead");
}

// The box has its own of these, or must not see them.
bool mounted_already(const std::string& path) {
  constexpr std::string_view kWhole[] = {"/", "/tmp", "/opt", "/root", "/home"};
  if (among(path, kWhole)) return true;
  const auto below = [&](const std::string& top) { return path == top || path.starts_with(top + "/"); };
  for (const char* top : {"/usr", "/lib", "/lib64", "/bin", "/sbin", "/proc", "/sys", "/dev"})
    if (below(top)) return true;
  return false;
}

// Returns the path as an absolute one.
std::string add_readable(const std::string& path, CppSource& source) {
  std::string clean = resolved(path, source.directory);
  while (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  std::error_code code;
  if (!mounted_already(clean) && fs::exists(clean, code) && std::find(source.readable.begin(), source.readable.end(), clean) == source.readable.end())
    source.readable.push_back(clean);
  return clean;
}

// Folders and files that flags name, joined to the flag or as the next word. The box has them, but not the folder that "../include" starts from.
void find_readable(CppSource& source) {
  for (std::size_t i = 0; i < source.flags.size(); ++i)
    for (const std::string_view flag : {"-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros", "-isysroot", "--sysroot="}) {
      std::string& word = source.flags[i];
      if (word == flag && i + 1 < source.flags.size()) {
        source.flags[i + 1] = add_readable(source.flags[i + 1], source);
        break;
      }
      if (!word.starts_with(flag) || word == flag) continue;
      word = std::string(flag) + add_readable(word.substr(flag.size()), source);
      break;
    }
}

std::string style_for(fs::path folder) {
  for (;; folder = folder.parent_path()) {
    for (const char* name : {".clang-format", "_clang-format"})
      if (auto text = read_text_file((folder / name).string(), kLargestStyle)) return std::move(*text);
    if (folder == folder.parent_path()) return "";
  }
}

bool is_cpp_file(const std::string& path) {
  std::error_code code;
  const std::string extension = fs::path(path).extension().string();
  return (extension == ".cpp" || extension == ".cc" || extension == ".cxx" || extension == ".C") && fs::is_regular_file(path, code);
}

}  // namespace

std::vector<std::string> shell_words(const std::string& command) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < command.size();
    if (escapes) {
      word += command[++i];
      open = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      open = true;
    } else if (isspace(static_cast<unsigned char>(c))) {
      if (open) words.push_back(std::move(word));
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) words.push_back(std::move(word));
  return words;
}

Result<CppSource> load_cpp_source(const std::string& path, const std::vector<std::string>& flags, const std::string& database) {
  CppSource source;
  auto text = read_text_file(path, kLargestSource);
  if (!text) return text.error();
  source.text = std::move(*text);
  const std::string file = fs::path(absolute_path(path)).lexically_normal().string(), here = fs::current_path().string();
  source.directory = here;
  const bool below = file.starts_with(here + "/");
  source.root = below ? here + "/" : "";
  source.name = below ? file.substr(here.size() + 1) : file;
  if (!database.empty())
    if (auto read = read_database(database, file, source); !read) return read.error();
  source.flags.insert(source.flags.end(), flags.begin(), flags.end());
  source.given = flags.size();
  source.style = style_for(fs::path(file).parent_path());
  find_readable(source);
  // A folder that others may not read cannot be shown to a box, so it is asked for only where it may be needed.
  if (source.text.find("#include \"") != std::string::npos) add_readable(fs::path(file).parent_path().string(), source);
  return source;
}

Result<std::optional<CppSource>> find_cpp_source(const std::string& program, const std::vector<std::string>& flags,
                                                 const std::string& database) {
  const bool flagged = !flags.empty() || !database.empty();
  if (!flags.empty() && !flags[0].starts_with("-"))
    return user_error("'" + flags[0] + "' is no compiler flag; those begin with - and stand behind `--`");
  if (!is_cpp_file(program)) {
    if (flagged) return user_error("compiler flags go with a C++ source file; " + program + " is none");
    return std::optional<CppSource>();
  }
  if (!flagged) {
    auto text = read_text_file(program, kLargestSource);
    if (!text) return text.error();
    if (text->find("<ha/") != std::string::npos) return std::optional<CppSource>();
  }
  auto source = load_cpp_source(program, flags, database);
  if (!source) return source.error();
  return std::optional(std::move(*source));
}

Json about(const CppSource& source) {
  return {{"root", source.root}, {"directory", source.directory}, {"flags", source.flags}, {"given", source.given}, {"source", {{source.name, source.text}}}};
}

}  // namespace hyperagent
