// Reading rows: one JSON object a line. Errors name the file and the line.
#pragma once

#include <string>
#include <vector>

#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent::jsonl {

struct Row {
  std::string id;  // of the row, or "<name of the file>-<line>" where rows have none
  Json fields;     // what the agent may see: all but id and target
  Json target;
  std::size_t line = 0;
};

// The rows of a file. A line that is not a JSON object, a row without its target, an id twice and a file without rows are errors.
Result<std::vector<Row>> load_rows(const std::string& path, const std::string& target);

// An error when an id of `a` is also in `b`: then one split gives the other away.
Result<void> check_disjoint(const std::vector<Row>& a, const std::string& name_a, const std::vector<Row>& b, const std::string& name_b);

Result<std::string> read_file(const std::string& path);
bool file_exists(const std::string& path);

}  // namespace hyperagent::jsonl
