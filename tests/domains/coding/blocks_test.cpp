// The agent's blocks of <ha/code.h> against the real services.
#include <ha/code.h>

#include "tests/domains/coding/repair_fixture.h"

using namespace hyperagent;

namespace {

class ServedHost : public ha::Host {
 public:
  explicit ServedHost(TaskServices& services) : services_(services) {}
  ha::Value call(std::string_view name, const ha::Value& arguments) override {
    const auto reply = services_.call(std::string(name), Json::parse(arguments.dump()));
    REQUIRE(reply);
    REQUIRE(reply->has_value());
    return ha::Value::parse((*reply)->dump());
  }

 private:
  TaskServices& services_;
};

}  // namespace

TEST_CASE("an agent built of blocks repairs a program within its budget") {
  TaskFolder folder;
  folder.add_double("cpp");
  folder.add_double("python");
  const RepairFixture fixture = repair_over(folder.path());
  if (!fixture.domain) return;
  for (std::size_t i = 0; i < 2; ++i) {
    auto services = fixture.domain->services(Split::Train, i);
    ServedHost host(*services);
    const ha::Task task(ha::Value::parse(fixture.domain->input(Split::Train, i).dump()));
    const ha::Program program = ha::program_of(task);
    CHECK_FALSE(ha::passes_visible(program, host));
    CHECK(ha::most_suspicious_line(program, host) == 2);
    ha::Answer answer;
    for (const ha::Program& p : ha::kinds_in_turn(ha::in_suspicious_order(program, host))) {
      if (!ha::passes_visible(p, host)) continue;
      answer = ha::patch(p);
      CHECK(ha::passed_tests(p, host) == 2);
      CHECK(ha::suspicion(p, host) == 1);
      CHECK(!ha::source_of(p, host).empty());
      break;
    }
    REQUIRE(answer.given());
    const auto graded = fixture.domain->grade(Split::Train, i, Json::parse(answer.value().dump()));
    REQUIRE(graded);
    INFO(graded->detail.dump());
    CHECK(graded->score == 1);
  }
}

TEST_CASE("selecting and ordering blocks keep what they should") {
  std::vector<ha::Program> programs;
  for (const char* data : {R"({"handle":"0","line":1,"kind":"a","size":5})", R"({"handle":"1","line":2,"kind":"a","size":1})", R"({"handle":"2","line":2,"kind":"b","size":3})"}) {
    programs.emplace_back(ha::Value::parse(data));
  }
  const auto handles = [](const std::vector<ha::Program>& list) {
    std::string out;
    for (const ha::Program& p : list) out += p.data().get("handle").text();
    return out;
  };
  CHECK(handles(ha::smallest_change_first(programs)) == "120");
  CHECK(handles(ha::kinds_in_turn(programs)) == "021");
  CHECK(handles(ha::kind_first(programs, "b")) == "201");
  CHECK(handles(ha::of_kind(programs, "a")) == "01");
  CHECK(handles(ha::not_of_kind(programs, "a")) == "2");
  CHECK(handles(ha::on_line(programs, 2)) == "12");
  CHECK(handles(ha::take(programs, 2)) == "01");
  CHECK(handles(ha::take(programs, -1)).empty());
  CHECK(handles(ha::last_first(programs)) == "210");
  CHECK(handles(ha::both(ha::take(programs, 1), programs)) == "0012");
}
