#include "hyperagent/cli/agent_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "hyperagent/core/json_text.h"

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBlank = "blank";
constexpr const char* kDefaultMeta = "typed_mutation";
constexpr const char* kDescriptor = "agent.json";
constexpr const char* kTaskFile = "task/solve.cpp";
constexpr const char* kMetaFile = "meta/improve.cpp";

std::string descriptor_text(const std::string& name, const std::string& description) {
  return Json{{"name", name}, {"api", kApiVersion}, {"description", description}}.dump(2) + "\n";
}

// The comment a shipped file opens with, as its description.
std::string opening_comment(const std::string& source) {
  std::string text;
  std::size_t at = 0;
  while (source.compare(at, 2, "//") == 0) {
    const std::size_t end = std::min(source.find('\n', at), source.size());
    const std::size_t begin = source.find_first_not_of("/ ", at);
    if (begin < end) text += (text.empty() ? "" : " ") + source.substr(begin, end - begin);
    at = std::min(end + 1, source.size());
  }
  return text;
}

Result<void> check_descriptor(const std::string& path, const std::string& text, std::string& name) {
  const auto parsed = parse_written(text, path);
  if (!parsed) return parsed.error();
  const Json& json = *parsed;
  if (!json.is_object()) return user_error(path + " must be a JSON object {\"name\",\"api\",\"description\"}");
  if (!json.contains("name") || !json["name"].is_string() || json["name"].get<std::string>().empty())
    return user_error(path + " has no \"name\": give the agent one");
  if (!json.contains("api")) return user_error(path + " has no \"api\": write \"api\": " + std::to_string(kApiVersion));
  if (json["api"] != kApiVersion)
    return user_error(path + " asks for API version " + json["api"].dump() + ", but this hyperagent has version " + std::to_string(kApiVersion));
  if (json.contains("description") && !json["description"].is_string()) return user_error("\"description\" in " + path + " must be a text");
  name = json["name"].get<std::string>();
  return {};
}

bool is_source_file(const fs::path& path) { return path.extension() == ".cpp" || path.extension() == ".h"; }

Error too_large(const std::string& directory) {
  return user_error("the agent " + directory + " is too large: its files may have " + std::to_string(kLargestAgent >> 20) + " MiB in all");
}

Result<void> read_half(const std::string& directory, const std::string& half, LoadedAgent& agent, std::size_t& bytes) {
  const fs::path root = fs::path(directory) / half;
  std::error_code code;
  if (!fs::exists(root, code)) return {};
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator at(root, code), end; !code && at != end; at.increment(code)) {
    if (at->path().filename().string().starts_with('.') || at->is_directory(code)) continue;
    if (!is_source_file(at->path())) return user_error(at->path().string() + " is not part of an agent: only .cpp and .h files are; move it elsewhere");
    files.push_back(at->path());
  }
  if (code) return user_error("cannot read the agent's folder " + root.string() + ": " + code.message());
  for (const fs::path& file : files) {
    auto text = read_text_file(file.string(), kLargestAgent);
    if (!text) return text.error();
    bytes += text->size();
    if (bytes > kLargestAgent) return too_large(directory);
    const std::string name = half + "/" + file.lexically_relative(root).generic_string();
    agent.source.files[name] = std::move(*text);
    agent.on_disk[name] = file.string();
  }
  return {};
}

bool has_half(const AgentSource& source, const std::string& half) {
  return std::any_of(source.files.begin(), source.files.end(),
                     [&](const auto& file) { return file.first.starts_with(half + "/") && file.first.ends_with(".cpp"); });
}

Result<void> put_shipped(const std::string& path, const std::string& name, LoadedAgent& agent) {
  auto text = read_text_file(path, kLargestAgent);
  if (!text) return environment_error("the installation is incomplete: " + text.error().message + "; build and install hyperagent again");
  agent.source.files[name] = std::move(*text);
  return {};
}

Result<LoadedAgent> load_shipped(const Paths& paths, const std::string& name, const std::string& meta) {
  LoadedAgent agent;
  agent.name = name;
  agent.origin = name == kBlank ? kBlank : "seed " + name;
  if (auto read = put_shipped(paths.task_half(name), kTaskFile, agent); !read) return read.error();
  if (auto read = put_shipped(paths.meta_half(meta), kMetaFile, agent); !read) return read.error();
  agent.source.files[kDescriptor] = descriptor_text(name, opening_comment(agent.source.files[kTaskFile]));
  return agent;
}

Result<LoadedAgent> load_directory(const Paths& paths, const std::string& directory, const std::string& meta) {
  LoadedAgent agent;
  const std::string descriptor = directory + "/" + kDescriptor;
  std::error_code code;
  if (!fs::exists(descriptor, code))
    return user_error(directory + " is not an agent: it has no agent.json; write one with {\"name\": ..., \"api\": " + std::to_string(kApiVersion) + "}");
  auto text = read_text_file(descriptor, kLargestAgent);
  if (!text) return text.error();
  if (auto checked = check_descriptor(descriptor, *text, agent.name); !checked) return checked.error();
  std::size_t bytes = text->size();
  agent.source.files[kDescriptor] = std::move(*text);
  agent.on_disk[kDescriptor] = descriptor;
  for (const char* half : {"task", "meta"})
    if (auto read = read_half(directory, half, agent, bytes); !read) return read.error();
  if (!has_half(agent.source, "task")) return user_error("the agent " + directory + " has no task half: put a .cpp file that defines solve() into " + directory + "/task");
  if (!has_half(agent.source, "meta"))
    if (auto read = put_shipped(paths.meta_half(meta), kMetaFile, agent); !read) return read.error();
  agent.origin = "seed " + agent.name;
  return agent;
}

Result<LoadedAgent> load_file(const Paths& paths, const std::string& path) {
  auto text = read_text_file(path, kLargestAgent);
  if (!text) return text.error();
  const fs::path place = fs::path(absolute_path(path));
  const bool meta = place.parent_path().filename() == "meta";
  auto agent = load_shipped(paths, kBlank, kDefaultMeta);
  if (!agent) return agent;
  const std::string name = meta ? kMetaFile : kTaskFile;
  agent->source.files[name] = std::move(*text);
  agent->on_disk[name] = path;
  agent->name = place.stem().string();
  agent->origin = "seed " + agent->name;
  agent->source.files[kDescriptor] = descriptor_text(agent->name, "");
  return agent;
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t limit) {
  std::error_code code;
  const auto status = fs::status(path, code);
  if (!fs::exists(status)) return user_error("there is no file " + path);
  if (!fs::is_regular_file(status)) return user_error(path + " is not a regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return user_error("cannot read " + path + ": " + std::strerror(errno));
  std::string text;
  if (const auto size = fs::file_size(path, code); !code && size > limit)
    return user_error(path + " is too large: at most " + std::to_string(limit >> 10) + " KiB");
  text.assign(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return user_error("cannot read " + path + ": " + std::strerror(errno));
  return text;
}

namespace {

std::vector<std::string> shipped_halves(const Paths& paths, const std::string& half) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator at(paths.share + "/agents/" + half, code), end; !code && at != end; at.increment(code))
    if (at->path().extension() == ".cpp") names.push_back(at->path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> shipped_agents(const Paths& paths) { return shipped_halves(paths, "task"); }
std::vector<std::string> shipped_meta_halves(const Paths& paths) { return shipped_halves(paths, "meta"); }

bool is_agent_path(const Paths& paths, const std::string& name) {
  const auto shipped = shipped_agents(paths);
  return name != kBlank && std::find(shipped.begin(), shipped.end(), name) == shipped.end();
}

Result<LoadedAgent> load_agent(const Paths& paths, const std::string& name, const std::string& given_meta) {
  const std::string meta = given_meta.empty() ? kDefaultMeta : given_meta;
  if (!is_agent_path(paths, name)) return load_shipped(paths, name, meta);
  std::error_code code;
  if (fs::is_directory(name, code)) return load_directory(paths, absolute_path(name), meta);
  if (fs::exists(name, code)) return user_error("the agent " + name + " is a file; name the agent's directory, the one with agent.json");
  std::string known;
  for (const std::string& shipped : shipped_agents(paths)) known += (known.empty() ? "" : ", ") + shipped;
  return user_error("there is no agent '" + name + "': name a directory with agent.json, or one of " + (known.empty() ? kBlank : known));
}

Result<LoadedAgent> load_blank(const Paths& paths, const std::string& name, const std::string& meta) {
  auto agent = load_shipped(paths, name, meta.empty() ? kDefaultMeta : meta);
  if (agent) agent->name = agent->origin = kBlank;
  return agent;
}

Result<LoadedAgent> load_program(const Paths& paths, const std::string& name) {
  std::error_code code;
  if (is_agent_path(paths, name) && name.ends_with(".cpp") && fs::is_regular_file(name, code)) return load_file(paths, name);
  return load_agent(paths, name);
}

}  // namespace hyperagent
