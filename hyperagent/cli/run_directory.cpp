#include "hyperagent/cli/run_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "hyperagent/cli/agent_source.h"
#include "hyperagent/cli/paths.h"
#include "hyperagent/core/json_text.h"

namespace hyperagent {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSettingsFile = "run.json";
constexpr const char* kArchive = "archive.git";
constexpr std::size_t kLargestSettings = 1 << 20;

std::string settings_path(const std::string& directory) { return directory + "/" + kSettingsFile; }

// A name for the archive: paths differ between machines, so a folder counts by its own name.
std::string base_name(const std::string& name) { return fs::path(name).filename().string(); }

}  // namespace

Json to_json(const RunSettings& s) {
  return {{"domain", s.domain}, {"data", s.data}, {"agent", s.agent}, {"seed_agents", s.seeds},
          {"search", s.search}, {"options", to_json(s.loop)}, {"policy", s.policy}, {"model", s.model}, {"meta", s.meta}};
}

Result<RunSettings> run_settings_from(const Json& json) {
  try {
    RunSettings settings;
    settings.domain = json.at("domain").get<std::string>();
    settings.data = json.value("data", "");
    settings.agent = json.value("agent", settings.agent);
    settings.seeds = json.value("seed_agents", settings.seeds);
    settings.search = json.value("search", settings.search);
    auto loop = loop_options_from(json.value("options", Json::object()));
    if (!loop) return loop.error();
    settings.loop = *loop;
    settings.policy = json.value("policy", Json());
    settings.model = json.value("model", Json());
    settings.meta = json.value("meta", "");
    return settings;
  } catch (const Json::exception& error) {
    return user_error(std::string("run.json is not as hyperagent wrote it: ") + plain_words(error));
  }
}

Json archive_options(const RunSettings& settings, const std::string& domain_name) {
  Json seeds = Json::array();
  for (const std::string& seed : settings.seeds) seeds.push_back(base_name(seed));
  Json loop = to_json(settings.loop);
  for (const char* budget : {"generations", "max_seconds", "patience", "target", "max_candidates"}) loop.erase(budget);
  Json options = {{"domain", domain_name}, {"agent", base_name(settings.agent)}, {"seed_agents", seeds}, {"search", settings.search}, {"options", loop}};
  if (!settings.policy.is_null()) options["policy"] = settings.policy;
  if (!settings.meta.empty()) options["meta"] = settings.meta;
  return options;
}

Result<void> RunDirectory::check_new(const std::string& path) {
  std::error_code code;
  if (!fs::exists(path, code)) {
    if (code) return user_error("cannot use the run directory " + path + ": " + code.message());
    return {};
  }
  if (!fs::is_directory(path, code)) return user_error("the run directory " + path + " is a file; name a new directory");
  if (fs::exists(settings_path(path), code))
    return user_error("there is a run in " + path + " already: go on with it by `hyperagent resume " + path + "`, or name another directory");
  if (!fs::is_empty(path, code) || code)
    return user_error("the run directory " + path + " is not empty and holds no run (`resume` needs one); name a new directory");
  return {};
}

Result<RunDirectory> RunDirectory::create(const std::string& path, const RunSettings& settings) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) return environment_error("cannot create the run directory " + path + ": " + code.message());
  RunDirectory directory(path, settings);
  directory.archive_ = path + "/" + kArchive;
  if (auto saved = directory.save(settings); !saved) {
    directory.discard();
    return saved.error();
  }
  return directory;
}

Result<RunDirectory> RunDirectory::open(const std::string& given) {
  const std::string path = absolute_path(given);
  std::error_code code;
  if (!fs::is_directory(path, code)) return user_error("there is no run directory " + given + "; start a run with `hyperagent run --run " + given + " ...`");
  if (!fs::exists(settings_path(path), code)) return user_error(given + " holds no run: it has no " + kSettingsFile + "; name the directory given to `run --run`");
  auto text = read_text_file(settings_path(path), kLargestSettings);
  if (!text) return text.error();
  const auto json = parse_written(*text, settings_path(path));
  if (!json) return user_error(json.error().message + "; restore it from a copy");
  if (!json->is_object()) return user_error(settings_path(path) + " is not a JSON object; restore it from a copy");
  auto settings = run_settings_from(*json);
  if (!settings) return settings.error();
  RunDirectory directory(path, std::move(*settings));
  directory.archive_ = path + "/" + kArchive;
  return directory;
}

Result<void> RunDirectory::save(const RunSettings& settings) {
  settings_ = settings;
  return replace_file(settings_path(path_), to_json(settings).dump(2) + "\n");
}

void RunDirectory::discard() {
  std::error_code ignored;
  fs::remove_all(archive_, ignored);
  for (const std::string& mine : {settings_path(path_), events(), exchanges()}) fs::remove(mine, ignored);
  fs::remove(path_, ignored);  // only when nothing else is in it
}

Result<void> check_free_space(const std::string& path, unsigned long long bytes) {
  fs::path place = absolute_path(path);
  std::error_code code;
  while (!fs::exists(place, code) && place.has_relative_path()) place = place.parent_path();
  const fs::space_info space = fs::space(place, code);
  if (code) return environment_error("cannot read how much of the disk at " + place.string() + " is free: " + code.message());
  if (space.available >= bytes) return {};
  return environment_error("the disk at " + place.string() + " has only " + std::to_string(space.available >> 20) + " MiB free; a run needs " +
                           std::to_string(bytes >> 20) + " MiB: free some, or choose a directory on another disk");
}

Result<void> replace_file(const std::string& path, const std::string& text) {
  const std::string next = path + ".new";
  auto failed = [&](const char* what) {
    const std::string why = std::strerror(errno);
    ::unlink(next.c_str());
    return environment_error(std::string("cannot ") + what + " " + path + ": " + why);
  };
  const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failed("create");
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n < 0 ? errno : ENOSPC;
      ::close(fd);
      errno = error;
      return failed("write");
    }
    done += static_cast<std::size_t>(n);
  }
  const bool synced = ::fsync(fd) == 0;
  const int error = errno;
  if (::close(fd) != 0 || !synced) {
    if (!synced) errno = error;
    return failed("write");
  }
  if (::rename(next.c_str(), path.c_str()) != 0) return failed("replace");
  return {};
}

}  // namespace hyperagent
