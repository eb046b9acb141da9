// The schema that ships is what the reader goes by: each operation's example is accepted, and refused with one member missing or of another
// type.
#include "tests/tooling/edit_cases.h"
#include "tooling/edit_schema.h"

using namespace hyperagent;
using namespace hyperagent::tooling;
using Catch::Matchers::Contains;

namespace {

std::string code_of_check(const Json& edit) {
  const auto refused = check_well_formed(edit);
  return refused ? refused->code : "";
}

// A program in which all examples of the schema apply.
const std::string kExampleProgram =
    "double weight() { return 0.5; }\ndouble unused() { return 1; }\n"
    "ha::Answer solve(const ha::Task&, ha::Host&) {\n  if (weight() > 1) return ha::Answer();\n  weight();\n  return ha::Answer();\n}\n";

}  // namespace

TEST_CASE("every operation's example is accepted, and refused when a required member is missing or wrong") {
  std::set<std::string> ops;
  for (const Json& rules : edit_schema()["items"]["oneOf"]) {
    const std::string op = rules["title"];
    INFO(op);
    ops.insert(op);
    CHECK(rules["properties"]["op"]["const"] == op);
    REQUIRE(rules["examples"].size() >= 1);
    for (const Json& example : rules["examples"]) {
      CHECK(code_of_check(example) == "");
      for (const Json& member : rules["required"]) {
        const std::string name = member;
        INFO(name);
        Json without = example;
        without.erase(name);
        CHECK(code_of_check(without) == refusal::kMalformed);
        Json wrong = example;
        wrong[name] = Json::array();
        CHECK(code_of_check(wrong) == refusal::kMalformed);
      }
      Json more = example;
      more["more"] = "x";
      CHECK(code_of_check(more) == refusal::kMalformed);
    }
  }
  CHECK(ops.size() == 14);
}

TEST_CASE("every operation's example does something to a program") {
  for (const Json& rules : edit_schema()["items"]["oneOf"]) {
    for (Json example : rules["examples"]) {
      INFO(example.dump());
      if (example["op"] == "graft") example["donor"] = agent_with("double weight() { return 0.9; }\n" + kSolve);
      const Files before = agent_with(kExampleProgram);
      auto result = apply_edits(test_compiler(), before, list_of(example));
      if (const auto* refusal = std::get_if<Refusal>(&result)) FAIL(refusal->code + ": " + refusal->message);
      CHECK(std::get<Files>(result).at("task/solve.cpp") != before.at("task/solve.cpp"));
    }
  }
}

TEST_CASE("the schema that ships is the one the reader goes by") {
  CHECK(Json::parse(read_file(HYPERAGENT_TEST_SHARE "/edits.schema.json")) == edit_schema());
}

TEST_CASE("a member that must be one of a few words says which") {
  const auto refused = check_well_formed({{"op", "insert_statement"}, {"function", "f"}, {"path", "0"}, {"where", "beside"}, {"code", ";"}});
  REQUIRE(refused);
  CHECK_THAT(refused->message, Contains("before, after, begin, end"));
}

TEST_CASE("an insertion without a place says what it needs") {
  const auto refused = check_well_formed({{"op", "insert_declaration"}, {"code", "int a;"}});
  REQUIRE(refused);
  CHECK_THAT(refused->message, Contains("\"before\" or \"after\" or \"file\""));
}

TEST_CASE("an insertion has one place") {
  for (const auto& [one, other] : {std::pair{"before", "after"}, {"before", "at"}, {"after", "at"}}) {
    Json edit = {{"op", "insert_declaration"}, {"code", "int a;"}, {"file", "task/solve.cpp"}};
    edit[one] = edit[other] = "begin";
    const auto refused = check_well_formed(edit);
    REQUIRE(refused);
    CHECK_THAT(refused->message, Contains(std::string("\"") + one + "\" or \"" + other + "\", not both"));
  }
}
