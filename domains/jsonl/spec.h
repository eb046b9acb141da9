// What a JSONL domain is: read from domain.json, the rest inferred from the training rows.
#pragma once

#include <string>
#include <vector>

#include "domains/jsonl/rows.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/result.h"

namespace hyperagent::jsonl {

struct Field {
  std::string name;
  std::string type;       // "text" (also a list of texts), "number", "numbers" or "any"
  bool constant = false;  // the same in every training row: of no use to an edit
};

struct Grading {
  enum class Kind { Unset, Exact, Label, Numeric, Program };
  Kind kind = Kind::Unset;
  double tolerance = 1e-6;        // Numeric: |answer - target| at most this
  std::vector<std::string> argv;  // Program: files are relative to the folder
  double seconds = 10;            // Program: wall-clock limit of one verdict
};
const char* to_string(Grading::Kind kind);

struct Spec {
  std::string name, description, target;
  std::vector<Field> fields;        // empty: inferred
  std::vector<std::string> labels;  // [negative, positive, ...]; empty: inferred, or the target is no label
  Grading grading;
  std::size_t train_tasks = 1000;  // how many training rows agents are graded on; all are examples to learn from
  std::size_t first_stage = 0;     // 0: a tenth of the training rows, 10 to 100
};

// folder/domain.json. Unknown members are errors: a misspelt one would silently do nothing.
Result<Spec> read_spec(const std::string& folder);
// Fills what the spec leaves open, and checks that all training rows agree with it.
Result<Spec> complete_spec(Spec spec, const std::vector<Row>& train);
// A target as a label: a text as it is, a truth value or whole number in words; empty when it cannot be one.
std::string label_text(const Json& target);
// An error naming the row when a target does not fit the grading.
Result<void> check_targets(const Spec& spec, const std::vector<Row>& rows, const std::string& path);

}  // namespace hyperagent::jsonl
