#include <catch2/catch.hpp>

#include "tests/cli/fixture.h"

using namespace hyperagent;
using Catch::Matchers::Contains;

TEST_CASE("a new domain checks out") {
  cli_test::TemporaryDirectory folder;
  CHECK(cli_test::hyperagent({"domain", "new", "cafe", folder.path("cafe")}).status == 0);
  const auto checked = cli_test::hyperagent({"domain", "check", folder.path("cafe")});
  CHECK(checked.status == 0);
  CHECK_THAT(checked.out, Contains("cafe: target verdict") && Contains("14 of 14 expected answers score 1"));
  CHECK(cli_test::hyperagent({"domain", "check", folder.path("cafe"), "--json"}).json()["ok"] == true);
}

TEST_CASE("a domain is not written over somebody's files") {
  cli_test::TemporaryDirectory folder;
  folder.write("cafe/thesis.tex", "precious");
  CHECK(cli_test::hyperagent({"domain", "new", "cafe", folder.path("cafe")}).status == 1);
}

TEST_CASE("a program of one's own grades in a box, where it sees its own files only") {
  if (!cli_test::boxes_work()) return;
  const cli_test::TemporaryDirectory folder;
  Json domain = {{"name", "sums"}, {"description", "Adds two numbers."}, {"input", {{{"name", "a"}, {"type", "number"}}}}, {"target", "b"},
                 {"grading", {{"kind", "program"}, {"argv", {"/usr/bin/python3", "grade.py"}}, {"seconds", 10}}}};
  for (const std::string split : {"train", "val", "test"}) {
    std::string rows;
    for (int i = 0; i < 4; ++i) rows += Json{{"id", split + std::to_string(i)}, {"a", i}, {"b", 0.5}}.dump() + "\n";
    folder.write("sums/" + split + ".jsonl", rows);
  }
  folder.write("sums/domain.json", domain.dump());
  const std::string grader = R"(import json, os, struct, sys
size = struct.unpack("<I", sys.stdin.buffer.read(4))[0]
asked = json.loads(sys.stdin.buffer.read(size))
seen = [name for name in ("/grader/grade.py", "/grader/test.jsonl", "FOLDER/test.jsonl", "/root") if os.path.exists(name) and os.access(name, os.R_OK)]
reply = json.dumps({"score": 1 if asked["answer"] == asked["expected"] else 0.25, "why": "sees " + " ".join(seen)}).encode()
sys.stdout.buffer.write(struct.pack("<I", len(reply)) + reply)
)";
  const auto with_folder = [&](std::string text) { return text.replace(text.find("FOLDER"), 6, folder.path("sums")); };
  folder.write("sums/grade.py", with_folder(grader));
  const auto checked = cli_test::hyperagent({"domain", "check", folder.path("sums"), "--json"});
  INFO(checked.out << checked.err);
  CHECK(checked.json()["ok"] == true);

  folder.write("half/task/solve.cpp", "#include <ha/agent.h>\nha::Answer solve(const ha::Task&, ha::Host&) { return ha::Answer(ha::Value(0.25)); }\n");
  folder.write("half/agent.json", R"({"name": "half", "api": 1})");
  const auto run = cli_test::hyperagent({"run", "--domain", folder.path("sums"), "--agent", folder.path("half"), "--run", folder.path("run"), "--generations", "1", "--batch", "1", "--json"});
  INFO(run.err);
  REQUIRE(run.status == 0);
  const Json first = cli_test::hyperagent({"show", folder.path("run"), "0", "--json"}).json();
  CHECK(first["val_results"][0]["score"] == 0.25);
  CHECK(first["val_results"][0]["detail"]["why"] == "sees /grader/grade.py");
}
