#include "domains/coding/exercise_set.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "domains/coding/sha256.h"
#include "hyperagent/core/json_text.h"

namespace hyperagent {
namespace {

constexpr std::size_t kMostTrain = 50;

TextFiles files_from(const Json& json) {
  TextFiles files;
  for (const auto& [name, text] : json.items()) files[name] = text.get<std::string>();
  return files;
}

// Paths come from a file that anyone may have written, and are written to in the box.
bool inside(const std::string& path) { return !path.empty() && path.front() != '/' && path.find("..") == std::string::npos; }

}  // namespace

Json to_json(const Exercise& e) {
  return {{"id", e.id}, {"language", e.language}, {"split", to_string(e.split)}, {"instructions", e.instructions}, {"files", e.files},
          {"solution", e.solution}, {"tests", e.tests}, {"answers", e.answers}, {"cases", e.cases}};
}

Result<std::vector<Exercise>> load_exercises(const std::string& folder) {
  const std::string path = folder + "/" + kExercisesFile;
  std::ifstream file(path, std::ios::binary);
  if (!file) return user_error("cannot read " + path + "; `hyperagent import polyglot` writes it");
  std::vector<Exercise> exercises;
  std::set<std::string> ids;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty()) continue;
    const std::string where = path + ", line " + std::to_string(number) + ": ";
    try {
      const Json json = Json::parse(line);
      Exercise e;
      e.id = json.at("id");
      e.language = json.at("language");
      e.instructions = json.at("instructions");
      const auto split = split_from(json.at("split").get<std::string>());
      if (!split) return user_error(where + "there is no split '" + json.at("split").get<std::string>() + "'");
      e.split = *split;
      e.files = files_from(json.at("files"));
      e.tests = files_from(json.at("tests"));
      e.answers = files_from(json.at("answers"));
      e.solution = json.at("solution").get<std::vector<std::string>>();
      e.cases = json.value("cases", 0);
      for (const TextFiles* files : {&e.files, &e.tests, &e.answers})
        for (const auto& [name, text] : *files)
          if (!inside(name)) return user_error(where + "the path '" + name + "' leads out of the exercise");
      for (const std::string& name : e.solution)
        if (!e.files.contains(name)) return user_error(where + "there is no stub for the solution file '" + name + "'");
      if (!ids.insert(e.id).second) return user_error(where + "the id '" + e.id + "' is there twice");
      exercises.push_back(std::move(e));
    } catch (const Json::exception& error) {
      return user_error(where + plain_words(error));
    }
  }
  if (exercises.empty()) return user_error(path + " holds no exercises");
  return exercises;
}

void assign_splits(std::vector<Exercise>& exercises) {
  std::map<std::string, std::vector<Exercise*>> by_language;
  for (Exercise& e : exercises) by_language[e.language].push_back(&e);
  const double train = exercises.size() >= 2 * kMostTrain ? static_cast<double>(kMostTrain) / static_cast<double>(exercises.size()) : 0.5;
  for (auto& [language, list] : by_language) {
    std::sort(list.begin(), list.end(), [](const Exercise* a, const Exercise* b) { return sha256_hex(a->id) < sha256_hex(b->id); });
    const auto trained = static_cast<std::size_t>(train * static_cast<double>(list.size()) + 0.5);
    for (std::size_t i = 0; i < list.size(); ++i) list[i]->split = i < trained ? Split::Train : (i - trained) % 2 == 0 ? Split::Val : Split::Test;
  }
}

}  // namespace hyperagent
