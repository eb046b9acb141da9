#include "domains/domains.h"

#include <mutex>

#include "domains/coding/exercises.h"
#include "domains/coding/repair.h"
#include "domains/jsonl/jsonl_domain.h"
#include "domains/paper_review/paper_review.h"
#include "domains/robot_reward/robot_domain.h"

namespace hyperagent {
namespace {

std::string known_names() {
  std::string names;
  for (const Json& domain : list_domains()) names += (names.empty() ? "" : ", ") + domain.at("name").get<std::string>();
  return names;
}

// One toolchain, shared by turns: a Toolchain serves one thread, a domain may be asked from several.
class SharedToolchain : public Toolchain {
 public:
  SharedToolchain(Toolchain& real, std::shared_ptr<std::mutex> turn) : real_(real), turn_(std::move(turn)) {}
  Result<Verdict<Rewritten>> apply(const AgentSource& source, const Json& edits) override {
    const std::scoped_lock lock(*turn_);
    return real_.apply(source, edits);
  }
  Result<Verdict<CompiledAgent>> compile(const AgentSource& source) override {
    const std::scoped_lock lock(*turn_);
    return real_.compile(source);
  }
  Result<Json> ask(const std::string& request, const Json& arguments) override {
    const std::scoped_lock lock(*turn_);
    return real_.ask(request, arguments);
  }

 private:
  Toolchain& real_;
  std::shared_ptr<std::mutex> turn_;
};

Result<std::unique_ptr<Domain>> open_repair_domain(const DomainOptions& options, Toolchain* toolchain) {
  RepairOptions repair;
  // Repair has no training examples apart from its tasks, so graded data simply are the tasks.
  repair.tasks_dir = !options.graded_data.empty() ? options.graded_data
                     : !options.data.empty()      ? options.data
                                                  : options.share + "/repair_tasks";
  repair.quixbugs_split = options.quixbugs_split;
  repair.share = options.share;
  repair.launcher = options.launcher;
  repair.cache_dir = options.cache_dir;
  repair.toolchain = options.make_toolchain;
  if (!repair.toolchain && toolchain != nullptr)
    repair.toolchain = [toolchain, turn = std::make_shared<std::mutex>()]() -> Result<std::unique_ptr<Toolchain>> {
      return std::unique_ptr<Toolchain>(std::make_unique<SharedToolchain>(*toolchain, turn));
    };
  return open_repair(repair);
}

}  // namespace

bool wants_device(const std::string& name) { return robot::wants_device(name); }

Result<std::unique_ptr<Domain>> open_domain(const DomainOptions& options, Toolchain* toolchain) {
  if (options.name == "repair") return open_repair_domain(options, toolchain);
  if (options.name == "paper_review")
    return paper_review::open_paper_review({.folder = options.data, .graded_folder = options.graded_data, .launcher = options.launcher});
  if (robot::is_robot_domain(options.name)) {
    if (!options.data.empty() || !options.graded_data.empty()) return user_error("the domain robot_reward brings its own tasks; leave --data out");
    return robot::open_robot_domain({.name = options.name, .judge = options.judge, .launcher = options.launcher});
  }
  if (jsonl::file_exists(options.name + "/domain.json")) {
    if (!options.data.empty()) return user_error("the domain " + options.name + " is a folder and brings its own data; leave --data out");
    return jsonl::open_jsonl({.folder = options.name, .graded_folder = options.graded_data, .launcher = options.launcher});
  }
  if (jsonl::file_exists(options.name + "/" + kExercisesFile))
    return open_exercises({.folder = options.name, .share = options.share, .cache_dir = options.cache_dir, .launcher = options.launcher});
  return user_error("there is no domain \"" + options.name + "\"; known are " + known_names() + ", and any folder with a domain.json or with imported exercises");
}

Json list_domains() {
  const std::string paper_review = paper_review::spec().description + " Needs a folder of rows (--data).";
  return Json::array({{{"name", "repair"},
                       {"description",
                        "Find and fix the one bug of a C++ or Python program; hidden tests grade. Brings its own tasks; --data "
                        "names another folder, of the same form or of QuixBugs'."}},
                      {{"name", "paper_review"}, {"description", paper_review}},
                      {{"name", "robot_reward"}, {"description", robot::description()}}});
}

}  // namespace hyperagent
