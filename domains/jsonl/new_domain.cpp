#include <filesystem>
#include <fstream>

#include "domains/jsonl/check.h"

namespace hyperagent::jsonl {
namespace {

struct Sample {
  const char* text;
  double stars;
  const char* verdict;
};

// Invented reviews of an invented café; six to learn from, four to select by, four to test on.
constexpr Sample kTrain[] = {
    {"Warm bread, quick service and a smile. We will come back.", 4.5, "good"},
    {"The soup was cold and nobody came to take it back.", 1.5, "bad"},
    {"Lovely terrace, fresh juice, fair prices.", 4.0, "good"},
    {"We waited an hour. The coffee was burnt.", 1.0, "bad"},
    {"Best cake in town, and they remembered my name.", 5.0, "good"},
    {"Dirty tables and a bill with two mistakes.", 2.0, "bad"},
};
constexpr Sample kVal[] = {
    {"Fresh cake, warm welcome.", 4.5, "good"},
    {"Cold coffee and a rude waiter.", 1.5, "bad"},
    {"Quick, friendly, fair.", 4.0, "good"},
    {"The bread was stale and we waited for ever.", 2.0, "bad"},
};
constexpr Sample kTest[] = {
    {"A smile, a fresh juice, a lovely morning.", 5.0, "good"},
    {"Burnt bread, cold soup.", 1.0, "bad"},
    {"Fair prices and quick service.", 4.0, "good"},
    {"Nobody came. The tables were dirty.", 1.5, "bad"},
};

template <std::size_t N>
std::string rows_text(const Sample (&samples)[N], const std::string& split) {
  std::string text;
  for (std::size_t i = 0; i < N; ++i)
    text += Json{{"id", split + "-" + std::to_string(i + 1)},
                 {"text", samples[i].text},
                 {"stars", samples[i].stars},
                 {"verdict", samples[i].verdict}}
                .dump() +
            "\n";
  return text;
}

constexpr const char* kReadme = R"(# A domain for hyperagent

Three files of rows, one JSON object a line: `train.jsonl` (agents learn from it and see how they did on each row), `val.jsonl` (selects
agents) and `test.jsonl` (graded only on request). A row has an `id`, any fields, and the target: the right answer, which no agent sees.
Files named `extra*.jsonl` are further training examples. No row may be in two splits.

`domain.json`:

| member | meaning |
| --- | --- |
| `name`, `description` | for people |
| `target` | the field that holds the right answer |
| `labels` | its values, the negative one first; left out: found in the training rows |
| `input` | list of `{"name","type"}`, type `text`, `number`, `numbers` or `any`; left out: found in the training rows |
| `grading` | `{"kind":"label"}`, `{"kind":"exact"}`, `{"kind":"numeric","tolerance":0.5}`, or `{"kind":"program","argv":["/usr/bin/python3","grade.py"],"seconds":10}` |
| `train_tasks` | how many of the training rows agents are graded on (1000); they learn from all of them |
| `first_stage` | how many of these a new agent must do well on before it is graded in full |

A grader program runs in a box that holds only the files named in `argv`. It reads one frame from standard input (4 bytes, little-endian
length, then that many bytes of JSON `{"task","expected","answer"}`) and writes one: `{"score": 0 to 1, "why": "..."}`.

Check it with `hyperagent domain check .`, then `hyperagent run --domain . --run RUN`.
)";

Result<void> write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return user_error("cannot write " + path.string() + "; is the folder writable and the disk not full?");
  return {};
}

}  // namespace

Result<void> new_domain(const std::string& folder, const std::string& name) {
  std::error_code failed;
  const std::filesystem::path place(folder);
  if (std::filesystem::exists(place, failed) && !std::filesystem::is_directory(place, failed))
    return user_error(folder + " is a file; name a new or empty folder");
  if (std::filesystem::is_directory(place, failed) && !std::filesystem::is_empty(place, failed))
    return user_error(folder + " is not empty; name a new or empty folder");
  std::filesystem::create_directories(place, failed);
  if (failed) return user_error("cannot make the folder " + folder + ": " + failed.message());
  const Json spec = {{"name", name},
                     {"description", "Is a short review good or bad? (the example that `hyperagent domain new` writes)"},
                     {"input", {{{"name", "text"}, {"type", "text"}}, {{"name", "stars"}, {"type", "number"}}}},
                     {"target", "verdict"},
                     {"labels", {"bad", "good"}},
                     {"grading", {{"kind", "label"}}},
                     {"first_stage", 4}};
  for (const auto& [file, text] : {std::pair<const char*, std::string>{"domain.json", spec.dump(2) + "\n"},
                                   {"README.md", kReadme},
                                   {"train.jsonl", rows_text(kTrain, "train")},
                                   {"val.jsonl", rows_text(kVal, "val")},
                                   {"test.jsonl", rows_text(kTest, "test")}})
    if (auto ok = write_file(place / file, text); !ok) return ok.error();
  return {};
}

}  // namespace hyperagent::jsonl
