#include "domains/jsonl/rows.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace hyperagent::jsonl {
namespace {

bool blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

Error at(const std::string& path, std::size_t line, const std::string& what) {
  return user_error(path + " line " + std::to_string(line) + ": " + what);
}

Result<Row> parse_row(const std::string& text, const std::string& path, std::size_t line, const std::string& target) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return at(path, line, "not valid JSON; each line must be one JSON object");
  if (!json.is_object()) return at(path, line, "not a JSON object; each line must be one");
  Row row{.id = {}, .fields = Json::object(), .target = {}, .line = line};
  const auto found = json.find(target);
  if (found == json.end() || found->is_null())
    return at(path, line,
              "no \"" + target + "\": every row needs its target; name another field as \"target\" in domain.json if this is not it");
  row.target = std::move(*found);
  json.erase(found);
  if (const auto id = json.find("id"); id != json.end()) {
    if (!id->is_string() && !id->is_number_integer()) return at(path, line, "\"id\" must be a text or a whole number");
    row.id = id->is_string() ? id->get<std::string>() : id->dump();
    if (row.id.empty()) return at(path, line, "\"id\" is empty");
    json.erase(id);
  } else {
    row.id = std::filesystem::path(path).stem().string() + "-" + std::to_string(line);
  }
  row.fields = std::move(json);
  return row;
}

}  // namespace

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

Result<std::string> read_file(const std::string& path) {
  if (!file_exists(path)) return user_error("cannot read " + path + ": no such file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return user_error("cannot read " + path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return environment_error("cannot read " + path + ": the read failed");
  return std::move(text).str();
}

Result<std::vector<Row>> load_rows(const std::string& path, const std::string& target) {
  Result<std::string> text = read_file(path);
  if (!text) return text.error();
  std::vector<Row> rows;
  std::map<std::string, std::size_t> lines;  // id -> line
  std::istringstream stream(*text);
  std::string line;
  for (std::size_t number = 1; std::getline(stream, line); ++number) {
    if (number == 1 && line.rfind("\xEF\xBB\xBF", 0) == 0) line.erase(0, 3);  // the byte order mark of some editors
    if (blank(line)) continue;
    Result<Row> row = parse_row(line, path, number, target);
    if (!row) return row.error();
    const auto [first, fresh] = lines.emplace(row->id, number);
    if (!fresh) return at(path, number, "the id \"" + row->id + "\" is already on line " + std::to_string(first->second));
    rows.push_back(std::move(*row));
  }
  if (rows.empty()) return user_error(path + " has no rows; every split needs at least one");
  return rows;
}

Result<void> check_disjoint(const std::vector<Row>& a, const std::string& name_a, const std::vector<Row>& b, const std::string& name_b) {
  std::map<std::string, std::size_t> lines;
  for (const Row& row : a) lines.emplace(row.id, row.line);
  for (const Row& row : b)
    if (auto found = lines.find(row.id); found != lines.end())
      return at(name_b, row.line,
                "the id \"" + row.id + "\" is also in " + name_a + " line " + std::to_string(found->second) +
                    "; a row in two splits gives its answer away: remove one");
  return {};
}

}  // namespace hyperagent::jsonl
