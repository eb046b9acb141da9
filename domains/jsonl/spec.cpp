#include "domains/jsonl/spec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "hyperagent/core/json_text.h"

namespace hyperagent::jsonl {
namespace {

constexpr std::size_t kMostInferredLabels = 20;

bool known_member(const std::string& name, std::initializer_list<const char*> known) {
  return std::any_of(known.begin(), known.end(), [&](const char* other) { return name == other; });
}

Result<void> check_members(const Json& object, const std::string& where, std::initializer_list<const char*> known) {
  for (const auto& [name, value] : object.items())
    if (!known_member(name, known)) {
      std::string list;
      for (const char* one : known) list += (list.empty() ? "" : ", ") + std::string(one);
      return user_error(where + " has an unknown member \"" + name + "\"; known are " + list);
    }
  return {};
}

Result<std::vector<std::string>> texts(const Json& array, const std::string& where) {
  std::vector<std::string> list;
  if (!array.is_array()) return user_error(where + " must be a list of texts");
  for (const Json& item : array) {
    if (!item.is_string()) return user_error(where + " must be a list of texts");
    list.push_back(item.get<std::string>());
  }
  return list;
}

Result<Grading> read_grading(const Json& json, const std::string& path) {
  const std::string where = path + ": \"grading\"";
  if (!json.is_object() || !json.contains("kind") || !json.at("kind").is_string())
    return user_error(where + " must be an object with a \"kind\": exact, label, numeric or program");
  if (auto ok = check_members(json, where, {"kind", "tolerance", "argv", "seconds"}); !ok) return ok.error();
  Grading grading;
  const std::string kind = json.at("kind").get<std::string>();
  if (kind == "exact")
    grading.kind = Grading::Kind::Exact;
  else if (kind == "label")
    grading.kind = Grading::Kind::Label;
  else if (kind == "numeric")
    grading.kind = Grading::Kind::Numeric;
  else if (kind == "program")
    grading.kind = Grading::Kind::Program;
  else
    return user_error(where + " has the unknown kind \"" + kind + "\"; known are exact, label, numeric and program");
  if (json.contains("tolerance")) {
    if (!json.at("tolerance").is_number() || json.at("tolerance").get<double>() < 0)
      return user_error(where + ": \"tolerance\" must be a number of at least 0");
    grading.tolerance = json.at("tolerance").get<double>();
  }
  if (json.contains("seconds")) {
    if (!json.at("seconds").is_number() || !(json.at("seconds").get<double>() > 0))
      return user_error(where + ": \"seconds\" must be a number above 0");
    grading.seconds = json.at("seconds").get<double>();
  }
  if (grading.kind == Grading::Kind::Program) {
    auto argv = texts(json.value("argv", Json()), where + ": \"argv\"");
    if (!argv) return argv.error();
    if (argv->empty()) return user_error(where + ": \"argv\" is empty; name the grader program");
    grading.argv = std::move(*argv);
  }
  return grading;
}

std::string type_of(const Json& value) {
  if (value.is_string()) return "text";
  if (value.is_number()) return "number";
  if (!value.is_array() || value.empty()) return value.is_array() ? "list" : "any";
  if (std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); })) return "text";
  if (std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); })) return "numbers";
  return "any";
}

std::vector<Field> infer_fields(const std::vector<Row>& train) {
  std::map<std::string, std::string> types;
  for (const Row& row : train)
    for (const auto& [name, value] : row.fields.items()) {
      if (value.is_null()) continue;
      const std::string type = type_of(value);
      auto [known, fresh] = types.emplace(name, type);
      if (fresh || known->second == type || type == "list") continue;  // an empty list fits both kinds of list
      known->second = known->second == "list" ? type : "any";
    }
  std::vector<Field> fields;
  for (auto& [name, type] : types) fields.push_back({name, type == "list" ? "any" : type});
  return fields;
}

// Which of two labels is the positive one, when nobody says: a usual word for it, else the later in the alphabet.
std::vector<std::string> ordered_labels(const std::set<std::string>& found) {
  static constexpr std::array<const char*, 8> kPositive = {"accept", "yes", "true", "positive", "1", "pass", "spam", "good"};
  std::vector<std::string> labels(found.begin(), found.end());
  if (labels.size() == 2 && std::find(kPositive.begin(), kPositive.end(), labels[0]) != kPositive.end()) std::swap(labels[0], labels[1]);
  return labels;
}

void infer_grading(Spec& spec, const std::vector<Row>& train) {
  std::set<std::string> labels;
  bool numbers = true, words = true;
  for (const Row& row : train) {
    numbers = numbers && row.target.is_number();
    words = words && (row.target.is_string() || row.target.is_boolean());
    if (labels.size() <= kMostInferredLabels) labels.insert(label_text(row.target));
  }
  // As many labels as rows are no labels: each of them must come back.
  const bool few = labels.size() <= kMostInferredLabels && 2 * labels.size() <= std::max<std::size_t>(4, train.size());
  const bool program = spec.grading.kind == Grading::Kind::Program;
  if (spec.grading.kind == Grading::Kind::Unset)
    spec.grading.kind = !spec.labels.empty() ? Grading::Kind::Label
                        : numbers            ? Grading::Kind::Numeric
                        : words && few       ? Grading::Kind::Label
                                             : Grading::Kind::Exact;
  if (spec.labels.empty() && (spec.grading.kind == Grading::Kind::Label || (program && words && few))) spec.labels = ordered_labels(labels);
}

}  // namespace

const char* to_string(Grading::Kind kind) {
  switch (kind) {
    case Grading::Kind::Unset:
      return "unset";
    case Grading::Kind::Exact:
      return "exact";
    case Grading::Kind::Label:
      return "label";
    case Grading::Kind::Numeric:
      return "numeric";
    case Grading::Kind::Program:
      return "program";
  }
  return "unset";
}

std::string label_text(const Json& target) {
  if (target.is_string()) return target.get<std::string>();
  if (target.is_boolean() || target.is_number_integer()) return target.dump();
  return {};
}

Result<Spec> read_spec(const std::string& folder) {
  const std::string path = folder + "/domain.json";
  const Result<std::string> text = read_file(path);
  if (!text) return text.error();
  const auto parsed = parse_written(*text, path);
  if (!parsed) return parsed.error();
  const Json& json = *parsed;
  if (!json.is_object()) return user_error(path + " is not a JSON object");
  if (auto ok = check_members(json, path, {"name", "description", "input", "target", "labels", "grading", "first_stage", "train_tasks"}); !ok)
    return ok.error();
  Spec spec;
  const std::filesystem::path place = std::filesystem::absolute(folder).lexically_normal();
  spec.name = (place.has_filename() ? place : place.parent_path()).filename().string();
  for (const auto& [member, to] :
       {std::pair<const char*, std::string*>{"name", &spec.name}, {"description", &spec.description}, {"target", &spec.target}}) {
    if (!json.contains(member)) continue;
    if (!json.at(member).is_string()) return user_error(path + ": \"" + member + "\" must be a text");
    *to = json.at(member).get<std::string>();
  }
  if (spec.target.empty()) return user_error(path + " has no \"target\": name the field that holds the right answer");
  if (spec.target == "id") return user_error(path + ": the target cannot be \"id\"");
  if (json.contains("input")) {
    const Json& input = json.at("input");
    if (!input.is_array()) return user_error(path + ": \"input\" must be a list of {\"name\",\"type\"}");
    for (const Json& field : input) {
      if (!field.is_object() || !field.value("name", Json()).is_string() || !field.value("type", Json()).is_string())
        return user_error(path + ": \"input\" must be a list of {\"name\",\"type\"}");
      Field one{field.at("name").get<std::string>(), field.at("type").get<std::string>()};
      if (!known_member(one.type, {"text", "number", "numbers", "any"}))
        return user_error(path + ": the field \"" + one.name + "\" has the unknown type \"" + one.type +
                          "\"; known are text, number, numbers and any");
      if (one.name == spec.target) return user_error(path + ": the target \"" + one.name + "\" cannot be an input");
      spec.fields.push_back(std::move(one));
    }
  }
  if (json.contains("labels")) {
    auto labels = texts(json.at("labels"), path + ": \"labels\"");
    if (!labels) return labels.error();
    if (labels->size() < 2 || std::set<std::string>(labels->begin(), labels->end()).size() != labels->size())
      return user_error(path + ": \"labels\" needs at least two different labels, the negative one first");
    spec.labels = std::move(*labels);
  }
  if (json.contains("grading")) {
    auto grading = read_grading(json.at("grading"), path);
    if (!grading) return grading.error();
    spec.grading = std::move(*grading);
  }
  if (spec.grading.kind == Grading::Kind::Numeric && !spec.labels.empty())
    return user_error(path + ": numeric grading has no \"labels\"; remove them or grade by label");
  for (const auto& [member, to] :
       {std::pair<const char*, std::size_t*>{"first_stage", &spec.first_stage}, {"train_tasks", &spec.train_tasks}}) {
    if (!json.contains(member)) continue;
    const Json& count = json.at(member);
    if (!count.is_number_unsigned() || count.get<std::size_t>() == 0)
      return user_error(path + ": \"" + member + "\" must be a whole number above 0");
    *to = count.get<std::size_t>();
  }
  return spec;
}

Result<Spec> complete_spec(Spec spec, const std::vector<Row>& train) {
  if (spec.fields.empty()) spec.fields = infer_fields(train);
  for (Field& field : spec.fields)
    field.constant = std::all_of(train.begin(), train.end(), [&](const Row& row) {
      return row.fields.value(field.name, Json()) == train.front().fields.value(field.name, Json());
    });
  infer_grading(spec, train);
  if (spec.grading.kind == Grading::Kind::Label && spec.labels.size() < 2)
    return user_error("all training rows have the same \"" + spec.target +
                      "\": there is nothing to learn; name the labels in domain.json if others exist");
  spec.train_tasks = std::min(spec.train_tasks, train.size());
  if (spec.first_stage == 0) spec.first_stage = std::clamp<std::size_t>(train.size() / 10, 10, 100);
  spec.first_stage = std::min(spec.first_stage, spec.train_tasks);
  return spec;
}

Result<void> check_targets(const Spec& spec, const std::vector<Row>& rows, const std::string& path) {
  for (const Row& row : rows) {
    const std::string where = path + " line " + std::to_string(row.line) + ": ";
    if (spec.grading.kind == Grading::Kind::Numeric && !row.target.is_number())
      return user_error(where + "the target is not a number, but the grading is numeric");
    if (spec.grading.kind == Grading::Kind::Label &&
        std::find(spec.labels.begin(), spec.labels.end(), label_text(row.target)) == spec.labels.end())
      return user_error(where + "the target " + row.target.dump().substr(0, 60) + " is none of the labels");
  }
  return {};
}

}  // namespace hyperagent::jsonl
