// What compiling function by function promises: the same code as from scratch, and one program in the end.
#include <dlfcn.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "tests/tooling/fixture.h"
#include "tooling/agent_build.h"
#include "tooling/ast_diff.h"
#include "tooling/edits.h"
#include "tooling/known_code.h"
#include "tooling/sites.h"

using namespace hyperagent;
using namespace hyperagent::tooling;

namespace {

constexpr const char* kTask = "task/solve.cpp";

std::unique_ptr<Compiler> fresh_compiler() {
  auto created = Compiler::create(HYPERAGENT_TEST_SHARE);
  REQUIRE(created);
  return std::move(*created);
}

// The file after `change` compiled by a compiler that has seen it before `change`, and by one that has not.
struct Twice {
  std::shared_ptr<const CompiledUnit> warm, cold;
};

Twice compiled_twice(const std::string& path, const Files& before, const Files& after) {
  const auto warm = fresh_compiler(), cold = fresh_compiler();
  REQUIRE(warm->compile(path, before)->errors.empty());
  return {warm->compile(path, after), cold->compile(path, after)};
}

void require_same(const Twice& twice) {
  CHECK(twice.warm->errors.size() == twice.cold->errors.size());
  CHECK(twice.warm->ast_hash == twice.cold->ast_hash);
  CHECK(twice.warm->definitions == twice.cold->definitions);
  CHECK(twice.warm->objects == twice.cold->objects);
  REQUIRE(twice.warm->functions.size() == twice.cold->functions.size());
  for (std::size_t i = 0; i < twice.warm->functions.size(); ++i) {
    CHECK(twice.warm->functions[i].begin == twice.cold->functions[i].begin);
    CHECK(twice.warm->functions[i].end == twice.cold->functions[i].end);
  }
}

Files task_file(const std::string& source) { return {{kTask, source}}; }

Twice changed(const std::string& source, const std::string& from, const std::string& to) {
  std::string after = source;
  const std::size_t at = after.find(from);
  REQUIRE(at != std::string::npos);
  after.replace(at, from.size(), to);
  return compiled_twice(kTask, task_file(source), task_file(after));
}

// Loads the objects as one library and calls `int probe()` some times.
std::vector<int> probed(const std::vector<std::string>& objects, int times) {
  auto library = link_shared(objects);
  REQUIRE(library);
  char path[] = "/tmp/ha-probe-XXXXXX";
  const int file = mkstemp(path);
  REQUIRE(file >= 0);
  REQUIRE(write(file, library->data(), library->size()) == static_cast<ssize_t>(library->size()));
  close(file);
  void* handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  std::remove(path);
  INFO((handle == nullptr ? dlerror() : ""));
  REQUIRE(handle != nullptr);
  auto* probe = reinterpret_cast<int (*)()>(dlsym(handle, "_Z5probev"));
  REQUIRE(probe != nullptr);
  std::vector<int> values;
  for (int i = 0; i < times; ++i) values.push_back(probe());
  dlclose(handle);
  return values;
}

const char* const kShared = R"(#include <vector>
namespace {
int calls = 100;
const int kSteps[] = {1, 2, 3};
struct Pair { int a = 1; int b = 2; int sum() const { return a + b; } };
int step(int i) { return kSteps[i % 3]; }
int counted() { static int count = 0; return ++count; }
int twice(int x) { return 2 * x; }
}
static int next() { return ++calls; }
int sum(const std::vector<int>& all) { int total = 0; for (int one : all) total += one; return total; }
int probe() { std::vector<int> all = {next(), step(calls), counted()}; return sum(all) + twice(Pair().sum()); }
)";

}  // namespace

TEST_CASE("drawn edits of shipped agents compile to what a fresh compiler makes of the whole file") {
  for (const char* name : {"blank", "review_by_words", "repair_by_suspicion"}) {
    Files files = blank_agent();
    files[kTask] = read_file(HYPERAGENT_TEST_SHARE "/agents/task/" + std::string(name) + ".cpp");
    auto parsed = Program::parse(test_compiler(), files);
    REQUIRE(std::holds_alternative<Program>(parsed));
    const Program& program = std::get<Program>(parsed);
    const Json groups = site_groups(program)["groups"];
    int compared = 0;
    for (std::size_t i = 0; i < groups.size() && compared < 6; i += 3) {
      const Json edit = draw_edit(program, groups[i]["function"], groups[i]["kind"], i, {})["edit"];
      if (edit.is_null()) continue;
      auto edited = apply_edits(test_compiler(), files, Json::array({edit}));
      if (!std::holds_alternative<Files>(edited)) continue;
      INFO(name << " " << edit.dump());
      require_same(compiled_twice(edit["file"], files, std::get<Files>(edited)));
      ++compared;
    }
    CHECK(compared >= 3);
  }
}

// Which worker compiled an agent must not decide what is drawn from it.
TEST_CASE("a tree that code was made from is looked at as one that was only parsed") {
  std::map<std::string, Files> sources = {{"shared", task_file(kShared)}};
  for (const char* name : {"blank", "review_by_words", "reward_walk"})
    sources[name] = task_file(read_file(HYPERAGENT_TEST_SHARE "/agents/task/" + std::string(name) + ".cpp"));
  for (const auto& [name, files] : sources) {
    const auto generated = fresh_compiler(), looking = fresh_compiler();
    for (const auto& [path, text] : files) REQUIRE(generated->compile(path, files)->errors.empty());
    std::vector<Json> seen;
    for (const Compiler* compiler : {generated.get(), looking.get()}) {
      const auto parsed = Program::parse(*compiler, files);
      REQUIRE(std::holds_alternative<Program>(parsed));
      const Program& program = std::get<Program>(parsed);
      seen.push_back({program.outline(), list_sites(program, {})});
    }
    INFO(name);
    CHECK(seen[0] == seen[1]);
    CHECK(seen[0][1]["sites"].size() > 2);
    const Json edit = {{"op", "insert_statement"}, {"function", name == "reward_walk" ? "reward" : name == "shared" ? "probe" : "solve"}, {"path", "0"},
                       {"where", "before"}, {"code", "int added = 1;\n(void)added;"}};
    const auto one = apply_edits(*generated, files, Json::array({edit})), other = apply_edits(*looking, files, Json::array({edit}));
    REQUIRE(std::holds_alternative<Files>(one));
    CHECK(std::get<Files>(one) == std::get<Files>(other));
    CHECK(ast_diff(*generated, files, std::get<Files>(one)) == ast_diff(*looking, files, std::get<Files>(other)));
  }
}

TEST_CASE("a change in one function compiles that function alone") {
  const Twice twice = changed(kShared, "return 2 * x", "return 3 * x");
  require_same(twice);
  CHECK(twice.warm->functions.size() == 6);
  CHECK(twice.warm->objects.size() == 7);  // and the variables
}

TEST_CASE("functions compiled one by one share variables, internal functions and static counters") {
  const Twice twice = changed(kShared, "return 2 * x", "return 10 * x");
  // 101 + kSteps[101 % 3] + 1 + 10 * 3, and so on
  CHECK(probed(twice.warm->objects, 3) == std::vector<int>{101 + 3 + 1 + 30, 102 + 1 + 2 + 30, 103 + 2 + 3 + 30});
  CHECK(probed(twice.cold->objects, 1) == std::vector<int>{101 + 3 + 1 + 30});
}

// They are reported like functions, and Clang emits them where they are used as well: the library could not be linked ("duplicate symbol").
TEST_CASE("members of template instances in an unnamed namespace are in every object that uses them") {
  const std::string source =
      "namespace {\ntemplate <class T> struct Box { T held; T get() const { return held; } T twice() const; };\n"
      "template <class T> T Box<T>::twice() const { return get() + get(); }\n}\n"
      "int one() { return Box<int>{1}.get(); }\nint two() { return Box<int>{1}.twice(); }\nint probe() { return one() + two() + Box<int>{4}.get(); }\n";
  const Twice twice = changed(source, "{4}", "{5}");
  require_same(twice);
  CHECK(twice.warm->functions.size() == 3);
  CHECK(probed(twice.warm->objects, 1) == std::vector<int>{1 + 2 + 5});
}

TEST_CASE("instances that the API's library holds are called, those of an agent's own types are compiled") {
  const auto unit = fresh_compiler()->compile(
      kTask, task_file("#include <algorithm>\n#include <vector>\nstruct Own { int x; bool operator<(const Own& o) const { return x < o.x; } };\n"
                       "int probe() {\n  std::vector<double> a = {3, 1, 2};\n  std::sort(a.begin(), a.end());\n  std::vector<Own> b = {{3}, {1}};\n"
                       "  std::sort(b.begin(), b.end());\n  return static_cast<int>(a[0]) * 10 + b[0].x;\n}\n"));
  REQUIRE(unit->errors.empty());
  REQUIRE(unit->objects.size() == 1);
  char path[] = "/tmp/ha-object-XXXXXX";
  const int file = mkstemp(path);
  REQUIRE(write(file, unit->objects[0].data(), unit->objects[0].size()) == static_cast<ssize_t>(unit->objects[0].size()));
  close(file);
  auto defined = functions_of(path);
  std::remove(path);
  REQUIRE(defined);
  std::istringstream lines(*defined);
  for (std::string name; std::getline(lines, name);) {
    INFO(name);
    CHECK((name == "_Z5probev" || name.find("3Own") != std::string::npos));
  }
  CHECK(defined->find("_Z5probev") != std::string::npos);
  CHECK(probed(unit->objects, 1) == std::vector<int>{11});
}

TEST_CASE("a change outside of bodies compiles what depends on it anew") {
  require_same(changed(kShared, "{1, 2, 3}", "{7, 8, 9}"));
  require_same(changed(kShared, "int b = 2", "int b = 5"));
  require_same(changed(kShared, "int twice(int x)", "long twice(long x)"));
}

TEST_CASE("a body that ends early is compiled as the file it makes") {
  const Twice twice = changed(kShared, "return 2 * x;", "return x; } int added(int x) { return 2 * x;");
  require_same(twice);
  CHECK(twice.warm->functions.size() == 7);
}

TEST_CASE("a function whose type its body decides is no part of its own") {
  const std::string source = "auto half(int x) { return x / 2; }\nconstexpr int three() { return 3; }\nint probe() { int all[three()] = {}; return half(9) + all[0]; }\n";
  const Twice twice = changed(source, "x / 2", "x / 2.0");
  require_same(twice);
  CHECK(twice.warm->functions.size() == 1);
  CHECK(probed(twice.warm->objects, 1) == std::vector<int>{4});
}

TEST_CASE("exceptions, virtual functions and shared statics are compiled in one piece") {
  for (const char* source : {"struct E {}; static void f() { throw E(); } int probe() { try { f(); } catch (const E&) { return 7; } return 0; }",
                             "struct B { virtual int v() { return 7; } virtual ~B() = default; }; int probe() { return B().v(); }",
                             "inline int& counter() { static int n = 6; return n; } static void up() { ++counter(); } int probe() { up(); return counter(); }"}) {
    const auto unit = fresh_compiler()->compile(kTask, task_file(source));
    INFO(source);
    REQUIRE(unit->errors.empty());
    CHECK(unit->functions.empty());
    REQUIRE(unit->objects.size() == 1);
  }
}

TEST_CASE("only programs that may need it clean up after exceptions, and all can be thrown through") {
  const std::string holder = "#include <string>\nvoid use(const std::string&);\nint probe() { std::string text(100, 'x'); use(text); return 1; }\n";
  Files quiet = task_file(holder), careful = quiet;
  careful["meta/other.cpp"] = "void other(void (*f)()) { try { f(); } catch (...) {} }\n";
  for (Files* files : {&quiet, &careful}) {
    const auto compiler = fresh_compiler();
    const auto unit = compiler->compile(kTask, *files);
    REQUIRE(unit->objects.size() == 1);
    CHECK((unit->objects[0].find("__gxx_personality_v0") != std::string::npos) == (files == &careful));
    // A body that changes is compiled as its program needs it.
    (*files)[kTask].replace((*files)[kTask].find("return 1"), 8, "return 2");
    CHECK(compiler->compile(kTask, *files)->objects == fresh_compiler()->compile(kTask, *files)->objects);
  }
  for (const char* need : {"int catching() { try { return 1; } catch (...) { return 2; } }", "int f() { try { return 1; } ca\\\ntch (...) { return 2; } }",
                           "int f(int x) { static const int once = x; return once; }", "#define JOIN(a, b) a##b\n"}) {
    INFO(need);
    CHECK(needs_cleanup({{kTask, need}}));
  }
  for (const char* none : {"int f(double x) { return static_cast<int>(x); }", "int f(); // a catch, static", "const char* const k = \"catch\";", "int catcher, statically;"})
    CHECK_FALSE(needs_cleanup({{kTask, none}}));
  CHECK_FALSE(needs_cleanup({{"agent.json", "{\"description\": \"no catch\"}"}}));

  const auto compiler = fresh_compiler();
  const std::string through = "#include <string>\n#include <vector>\nint probe() { std::string text(100, 'x'); return static_cast<int>(std::vector<int>{1}.at(text.size())); }\n";
  const auto thrown = compiler->compile(kTask, task_file(through));
  REQUIRE(thrown->errors.empty());
  CHECK_THROWS_AS(probed(thrown->objects, 1), std::out_of_range);
  const auto caught = compiler->compile(kTask, task_file("#include <string>\nint probe() { try { return std::stoi(\"none\"); } catch (...) { return 7; } }\n"));
  CHECK(probed(caught->objects, 1) == std::vector<int>{7});
  // Its table of virtual functions is in no library.
  const auto empty = compiler->compile(kTask, task_file("#include <optional>\nint probe() {\n  try { throw std::bad_optional_access(); }\n"
                                                        "  catch (const std::exception& e) { return e.what()[0]; }\n}\n"));
  CHECK(probed(empty->objects, 1) == std::vector<int>{'b'});
}

TEST_CASE("an error in a changed body is reported where it stands in the file") {
  const Twice twice = changed(kShared, "return 2 * x", "return undeclared * x");
  REQUIRE(twice.warm->errors.size() == 1);
  CHECK(twice.warm->errors[0].line == 8);
  CHECK(twice.warm->errors[0].line == twice.cold->errors[0].line);
  CHECK(twice.warm->errors[0].column == twice.cold->errors[0].column);
}

// Clang's driver asks for what a compiler that exits may leave in memory: each object's target machine stayed, some 100 kB, until the worker was
// full and replaced.
TEST_CASE("generating code leaves its target machine to nobody") {
  const auto compiler = fresh_compiler();
  const auto compile = [&](int from, int to) {
    for (int i = from; i < to; ++i)
      CHECK(compiler->compile(kTask, task_file("int probe() { return " + std::to_string(i) + "; }\n"))->errors.empty());
    return static_cast<double>(mallinfo2().uordblks);
  };
  const double before = compile(0, 160), grown = (compile(160, 200) - before) / 40;  // from where on as many trees are forgotten as are kept
  std::printf("kept for each compiled version: %.0f bytes\n", grown);
  CHECK(grown < 40000);
}
