// The generic domain: rows with a target, graded by a rule. A folder with domain.json and train/val/test.jsonl needs no C++.
#pragma once

#include <memory>
#include <string>

#include "domains/jsonl/spec.h"
#include "hyperagent/core/box.h"
#include "hyperagent/core/domain.h"

namespace hyperagent::jsonl {

struct JsonlOptions {
  std::string folder;               // train.jsonl, val.jsonl, test.jsonl; extra*.jsonl: further training examples, never posed
  std::string graded_folder;        // when set, the tasks posed and graded come from here (any of the three files), examples stay
  BoxLauncher* launcher = nullptr;  // for program graders; must outlive the domain
};

// Opens folder/domain.json.
Result<std::unique_ptr<Domain>> open_jsonl(const JsonlOptions& options);
// Opens a folder whose spec is known (no domain.json is read).
Result<std::unique_ptr<Domain>> open_jsonl(const JsonlOptions& options, Spec spec);

// All that a folder holds, loaded and checked; for the domain and for check_domain().
struct Rows {
  std::vector<Row> train, val, test, extra;
};
struct Loaded {
  Spec spec;
  Rows rows;
};
Result<Loaded> load_folder(const std::string& folder, Spec spec);

}  // namespace hyperagent::jsonl
