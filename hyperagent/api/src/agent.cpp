#include <ha/agent.h>

#include <utility>

namespace ha {

Task::Task(Value data) : data_(std::move(data)) {}
std::string Task::id() const { return data_.get("id").text(); }
Value Task::input() const { return data_.get("input"); }
const Value& Task::data() const { return data_; }

Answer::Answer(Value value) : value_(std::move(value)), given_(true) {}

Self::Self(Value data) : data_(std::move(data)) {}
const Value& Self::data() const { return data_; }
int Self::agent() const { return static_cast<int>(data_.get("agent").integer()); }
std::uint64_t Self::seed() const { return static_cast<std::uint64_t>(data_.get("seed").integer()); }
double Self::score() const { return data_.get("score").number(); }
double Self::train_score() const { return data_.get("train_score").number(); }
double Self::progress() const { return data_.get("progress").number(); }
Value Self::memory() const { return data_.get("memory"); }
std::vector<Value> Self::functions() const { return data_.get("functions").items(); }
std::vector<Value> Self::failures() const { return data_.get("failures").items(); }
std::vector<Value> Self::lineage() const { return data_.get("lineage").items(); }
std::vector<Value> Self::history() const { return data_.get("history").items(); }
Value Self::archive() const { return data_.get("archive"); }

}  // namespace ha
