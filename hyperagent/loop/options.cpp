#include "hyperagent/loop/options.h"

#include <limits>
#include <string>

namespace hyperagent {
namespace {

// Reads members one after the other and keeps the first complaint.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  void count(const char* name, int& value, int smallest) {
    const Json* member = find(name);
    if (member == nullptr) return;
    if (!member->is_number_integer() || *member < smallest || *member > std::numeric_limits<int>::max())
      return complain(name, "a whole number of at least " + std::to_string(smallest));
    value = member->get<int>();
  }
  void seconds(const char* name, double& value) {
    const Json* member = find(name);
    if (member == nullptr) return;
    if (!member->is_number() || !(member->get<double>() >= 0)) return complain(name, "a number of seconds, 0 or more");
    value = member->get<double>();
  }
  void flag(const char* name, bool& value) {
    const Json* member = find(name);
    if (member == nullptr) return;
    if (!member->is_boolean()) return complain(name, "true or false");
    value = member->get<bool>();
  }
  void seed(const char* name, std::uint64_t& value) {
    const Json* member = find(name);
    if (member == nullptr) return;
    if (!member->is_number_integer() || (!member->is_number_unsigned() && *member < 0)) return complain(name, "a whole number, 0 or more");
    value = member->get<std::uint64_t>();
  }
  void target(const char* name, std::optional<double>& value) {
    const Json* member = find(name);
    if (member == nullptr) return;
    if (!member->is_number()) return complain(name, "a number");
    value = member->get<double>();
  }
  const std::string& complaint() const { return complaint_; }

 private:
  const Json* find(const char* name) const {
    auto member = json_.find(name);
    return member == json_.end() || member->is_null() ? nullptr : &*member;
  }
  void complain(const char* name, const std::string& expected) {
    if (complaint_.empty()) complaint_ = "option '" + std::string(name) + "' must be " + expected + ", not " + json_.at(name).dump();
  }

  const Json& json_;
  std::string complaint_;
};

}  // namespace

Json to_json(const LoopOptions& o) {
  return {{"seed", o.seed},
          {"generations", o.generations},
          {"batch", o.batch},
          {"overlap", o.overlap},
          {"max_seconds", o.max_seconds},
          {"patience", o.patience},
          {"target", o.target ? Json(*o.target) : Json()},
          {"max_candidates", o.max_candidates},
          {"improve_seconds", o.improve_seconds},
          {"host_calls", o.host_calls}};
}

Result<LoopOptions> loop_options_from(const Json& json) {
  if (!json.is_object()) return user_error("the options of a run must be a JSON object");
  LoopOptions options;
  Reader read(json);
  read.seed("seed", options.seed);
  read.count("generations", options.generations, 0);
  read.count("batch", options.batch, 1);
  read.flag("overlap", options.overlap);
  read.seconds("max_seconds", options.max_seconds);
  read.count("patience", options.patience, 0);
  read.target("target", options.target);
  read.count("max_candidates", options.max_candidates, 0);
  read.seconds("improve_seconds", options.improve_seconds);
  read.count("host_calls", options.host_calls, 0);
  if (!read.complaint().empty()) return user_error(read.complaint());
  return options;
}

}  // namespace hyperagent
