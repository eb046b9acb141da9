#include <catch2/catch.hpp>

#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/explain_text.h"
#include "hyperagent/report/html.h"

using namespace hyperagent;

namespace {

Json at(int line, const std::string& text) { return {{"line", line}, {"column", 3}, {"text", text}}; }
Json change(const std::string& kind, Json before, Json after) {
  return {{"kind", kind}, {"node", "IfStmt"}, {"before", std::move(before)}, {"after", std::move(after)}};
}
Json diff_of(Json changes, const std::string& name = "solve") {
  return {{"functions", {{{"name", name}, {"file", "task/solve.cpp"}, {"half", "task"}, {"status", "changed"}, {"changes", std::move(changes)}}}}};
}

const TextStyle kPlain{false, 100};

int widest(const std::string& text) {
  std::size_t most = 0, start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; start = end + 1, end = text.find('\n', start)) most = std::max(most, end - start);
  return static_cast<int>(most);
}

}  // namespace

TEST_CASE("an update shows both texts on one line with the expression around them") {
  Json update = change("update", at(12, "5.0"), at(12, "5.5"));
  update["context"] = "mean(scores) > 5.0";
  CHECK(diff_text(diff_of({update}), kPlain) ==
        "  solve (task/solve.cpp)\n"
        "    ~ update  line 12       `5.0`  ->  `5.5`      in  mean(scores) > 5.0\n"
        "  1 change in 1 function: 1 updated\n");
}

TEST_CASE("inserts, deletes and moves have their signs and lines, and the summary counts them") {
  const Json changes = {change("insert", nullptr, at(9, "if (words < 3) return ha::Answer();")), change("delete", at(14, "note(1);"), nullptr),
                        change("move", at(3, "a();"), at(7, "a();"))};
  CHECK(diff_text(diff_of(changes), kPlain) ==
        "  solve (task/solve.cpp)\n"
        "    + insert  line 9        if (words < 3) return ha::Answer();\n"
        "    - delete  line 14       note(1);\n"
        "    > move    line 3 -> 7   a();\n"
        "  3 changes in 1 function: 1 inserted, 1 deleted, 1 moved\n");
}

TEST_CASE("of a long text the terminal shows the beginning and says how much more there is, HTML all of it") {
  const std::string text(1000, 'x');
  const Json diff = diff_of({change("insert", nullptr, at(9, text))});
  const std::string shown = diff_text(diff, TextStyle{false, 1'000'000});
  CHECK(shown.find(std::string(400, 'x') + "... (600 more characters; --json has them)") != std::string::npos);
  CHECK(shown.find(std::string(401, 'x')) == std::string::npos);
  CHECK(diff_html(diff).find(text) != std::string::npos);
}

TEST_CASE("the unified diff of a file with the line ends of Windows stays a patch") {
  const AgentSource a{{{"task/solve.cpp", "int a;\r\nint b;\r\n"}}}, b{{{"task/solve.cpp", "int a;\r\nint c;\r\n"}}};
  CHECK(unified_diff(a, b, kPlain).find(" int a;\r\n-int b;\r\n+int c;\r\n") != std::string::npos);
}

TEST_CASE("the lines of a longer snippet are indented under its first line") {
  const std::string text = diff_text(diff_of({change("insert", nullptr, at(9, "if (a) {\n  b();\n}"))}), kPlain);
  CHECK(text.find("    + insert  line 9        if (a) {\n" + std::string(28, ' ') + "  b();\n" + std::string(28, ' ') + "}\n") != std::string::npos);
}

TEST_CASE("no line is wider than the terminal") {
  Json update = change("update", at(12, std::string(70, 'a')), at(12, std::string(90, 'b')));
  update["context"] = std::string(200, 'c');
  Json small = change("update", at(12, "1"), at(12, "2"));
  small["context"] = "total(first, second, third, fourth, fifth) + 1 > limit";
  const Json changes = {update, small, change("insert", nullptr, at(9, std::string(300, 'x')))};
  for (const int width : {32, 40, 60, 80}) CHECK(widest(diff_text(diff_of(changes, std::string(120, 'n')), {false, width})) <= width);
}

TEST_CASE("a lineage is folded to the terminal: headings, reasons, edits and the summary") {
  AgentRecord root, child;
  root.origin = "blank";
  child.id = 1;
  child.parents = {0};
  child.reason = "cascade edit in solve: " + std::string(90, 'r') + " and then some more words that explain it";
  child.edits = {{{"op", "insert_statement"}, {"function", "solve(const ha::Task &, ha::Host &)"}, {"code", "if (const ha::Answer answer = ha::label_likely(task)) return answer;"}}};
  const std::vector<Step> steps = {{root, nullptr, Json(), ""}, {child, &root, diff_of({}), "solve\n"}};
  for (const int width : {40, 50, 72}) {
    const std::string text = explain_text(steps, Json(), width);
    CHECK(widest(text) <= width);
    CHECK(text.find("return answer;") == std::string::npos);  // edit_text() shortens code
    CHECK(text.find("explain") != std::string::npos);
  }
  CHECK(lineage_html(steps).find("<p>edit: <code>insert_statement in solve(const ha::Task &amp;, ha::Host &amp;)") != std::string::npos);
}

TEST_CASE("code is folded at its blanks, not inside its indent, and without empty lines") {
  const Json diff = diff_of({change("insert", nullptr, at(9, "if (a) {\n" + std::string(24, ' ') + "ha::label_likely(task, ha::nearest(task, host)); \n}"))});
  for (const int width : {40, 60, 70}) {
    const std::string text = diff_text(diff, {false, width});
    CHECK(text.find("\n\n") == std::string::npos);
    CHECK(text.find("ha::label_likely(task,") != std::string::npos);
    CHECK(text.find(" \n") == std::string::npos);
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; start = end + 1, end = text.find('\n', start))
      CHECK(text.find_first_not_of(' ', start) < end);
  }
}

TEST_CASE("a move between scopes shows both") {
  Json move = change("move", at(2, "f();"), at(3, "f();"));
  move["context"] = "no namespace -> namespace {";
  CHECK(diff_text(diff_of({move}), kPlain).find("f();\n" + std::string(28, ' ') + "in  no namespace -> namespace {\n") != std::string::npos);
  CHECK(diff_html(diff_of({move})).find("in <code>no namespace -&gt; namespace {</code>") != std::string::npos);
}

TEST_CASE("one use is one use") {
  Json update = change("update", at(2, "x"), at(2, "y"));
  update["uses"] = 1;
  CHECK(diff_text(diff_of({update}), kPlain).find("`x`  ->  `y`      (and 1 use)\n") != std::string::npos);
  CHECK(diff_html(diff_of({update})).find("and 1 use<") != std::string::npos);
  update["uses"] = 2;
  CHECK(diff_text(diff_of({update}), kPlain).find("(and 2 uses)") != std::string::npos);
}

TEST_CASE("control characters stay out of the unified diff, with colour and without") {
  const AgentSource a{{{"task/solve.cpp", "one\n"}}}, b{{{"task/solve.cpp", "\x1b[2Jone\xC2\x9B\n"}}};
  for (const bool colour : {false, true}) {
    const std::string text = unified_diff(a, b, {colour, 100});
    CHECK(text.find("\x1b[2J") == std::string::npos);
    CHECK(text.find("\xC2\x9B") == std::string::npos);
    CHECK(text.find("?[2Jone?") != std::string::npos);
  }
}

TEST_CASE("a long line is folded, between characters, and nothing of it is lost") {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xC3\xA9";
  const std::string out = diff_text(diff_of({change("insert", nullptr, at(9, text))}), {false, 60});
  std::size_t characters = 0;
  for (std::size_t place = out.find("\xC3\xA9"); place != std::string::npos; place = out.find("\xC3\xA9", place + 2)) ++characters;
  CHECK(characters == 100);
  CHECK(out.find("\xC3\n") == std::string::npos);
}

TEST_CASE("a long line is folded at a blank and goes on a little further in") {
  const std::string out = diff_text(diff_of({change("insert", nullptr, at(9, "if (first(one) && second(two) && third(three)) return answer;"))}), {false, 60});
  CHECK(out.find("    + insert  line 9        if (first(one) && second(two) &&\n" + std::string(32, ' ') + "third(three)) return answer;\n") != std::string::npos);
}

TEST_CASE("as HTML every change carries its id and nothing the agent wrote is markup") {
  Json update = change("update", at(12, "a < b"), at(12, "a && \"<script>\""));
  update["id"] = "0123456789ab";
  update["context"] = "if (a < b)";
  const std::string html = diff_html(diff_of({update}));
  CHECK(html.find("id=\"change-0123456789ab\"") != std::string::npos);
  CHECK(html.find("<del>a &lt; b</del>") != std::string::npos);
  CHECK(html.find("a &amp;&amp; &quot;&lt;script&gt;&quot;") != std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("1 change in 1 function") != std::string::npos);
}

TEST_CASE("an escape sequence in the agent's source does not reach the terminal") {
  const std::string text = diff_text(diff_of({change("insert", nullptr, at(9, "f(\"\x1b[2J\xC2\x9B\");"))}), kPlain);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\xC2\x9B") == std::string::npos);
}

TEST_CASE("without changes the text says so") { CHECK(diff_text({{"functions", Json::array()}}, kPlain) == "no changes\n"); }

TEST_CASE("a refused diff gives Clang's message") {
  const Json refused = {{"refused", {{"code", "parse"}, {"side", "after"}, {"message", "task/solve.cpp:1:1: expected ';'"}}}};
  CHECK(diff_text(refused, kPlain).find("expected ';'") != std::string::npos);
}

TEST_CASE("colour is used only when the style asks for it") {
  const Json diff = diff_of({change("delete", at(14, "note(1);"), nullptr)});
  CHECK(diff_text(diff, kPlain).find('\x1b') == std::string::npos);
  CHECK(diff_text(diff, {true, 100}).find("\x1b[31mnote(1);\x1b[0m") != std::string::npos);
}

TEST_CASE("a file that is not a terminal gets neither colour nor a narrow width") {
  const int fd = open("/dev/null", O_WRONLY);
  REQUIRE(fd >= 0);
  unsetenv("COLUMNS");
  const TextStyle style = terminal_style(fd);
  CHECK_FALSE(style.colour);
  CHECK(style.width > 1000);
  setenv("COLUMNS", "72", 1);
  CHECK(terminal_style(fd).width == 72);
  unsetenv("COLUMNS");
  close(fd);
}

TEST_CASE("a terminal gets colour unless NO_COLOR is set") {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || isatty(terminal) != 1) {
    WARN("SKIPPED: no pseudo terminal here");
    return;
  }
  unsetenv("NO_COLOR");
  CHECK(terminal_style(terminal).colour);
  setenv("NO_COLOR", "1", 1);
  CHECK_FALSE(terminal_style(terminal).colour);
  unsetenv("NO_COLOR");
  close(terminal);
}

TEST_CASE("the unified diff is git's, of the files that differ only") {
  const AgentSource a{{{"agent.json", "{}"}, {"task/solve.cpp", "one\ntwo\nthree\n"}}}, b{{{"agent.json", "{}"}, {"task/solve.cpp", "one\n2\nthree\n"}}};
  const std::string text = unified_diff(a, b, kPlain);
  CHECK(text.find("diff --git a/task/solve.cpp b/task/solve.cpp\n") == 0);
  CHECK(text.find("@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n") != std::string::npos);
  CHECK(text.find("agent.json") == std::string::npos);
  CHECK(unified_diff(a, a, kPlain).empty());
}

TEST_CASE("added, removed and empty files are in the unified diff") {
  const AgentSource a{{{"old.h", "gone\n"}}}, b{{{"new.h", "come\n"}}};
  const std::string text = unified_diff(a, b, kPlain);
  CHECK(text.find("+come\n") != std::string::npos);
  CHECK(text.find("-gone\n") != std::string::npos);
  CHECK(text.find("new file mode") != std::string::npos);
  CHECK(text.find("deleted file mode") != std::string::npos);
}
