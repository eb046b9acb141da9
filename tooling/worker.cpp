// ha-tool: the boxed worker that holds Clang. Loads the precompiled API header once and serves one request after the other.
//
// Theory of operation. Requests about agents are served in this process: a fork of it pays more for page faults than the work itself
// takes, and the units it has parsed stay. A source that crashes, loops or exhausts the compiler ends the worker; the last thing a dying
// worker does is to answer its request with a refusal that says so (last_words), and the client starts the next worker. Requests about
// other C++ come once a program, with memory to match: they run in a forked child.
// Trust: a source that takes Clang over could forge what the worker says about later sources, never a score: those are made elsewhere.
// The client takes a new worker every so often.
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <optional>

#include "hyperagent/core/lru.h"
#include "tooling/agent_build.h"
#include "tooling/ast_diff.h"
#include "tooling/edits.h"
#include "tooling/program.h"
#include "tooling/programs/programs.h"
#include "tooling/protocol.h"
#include "tooling/sites.h"

namespace {

using namespace hyperagent;
using namespace hyperagent::tooling;

constexpr unsigned kRequestSeconds = 20, kAloneSeconds = 60;
constexpr rlim_t kRequestMemory = 3ull << 30;
constexpr std::size_t kTiredBytes = 1u << 30;  // then the client starts the next worker
constexpr int kRequestsBetweenLooks = 16;      // at the memory
constexpr std::uint32_t kLargestFrame = 256u << 20;

Json refused(const Refusal& refusal) { return {{"refused", {{"code", refusal.code}, {"message", refusal.message}}}}; }

Files files_of(const Json& source) {
  Files files;
  for (const auto& [path, text] : source.items())
    if (text.is_string()) files[path] = text.get<std::string>();
  return files;
}

Json compiled_json(const CompiledAgent& agent) {
  return {{"library", Json::binary(std::vector<std::uint8_t>(agent.library.begin(), agent.library.end()))},
          {"ast_hash", agent.ast_hash},
          {"object_hashes", agent.object_hashes}};
}

// What all requests share.
struct Tools {
  const Compiler& compiler;
  std::string share;
  std::unique_ptr<DeviceCode> device = {};  // read when it is first asked for
};

Json compile(Tools& tools, const Files& files, bool for_device) {
  if (for_device && !tools.device) {
    auto opened = DeviceCode::open(tools.share);
    if (!opened) return {{"failed", opened.error().message}};
    tools.device = std::move(*opened);
  }
  auto built = build_agent(tools.compiler, files, for_device ? tools.device.get() : nullptr);
  if (!built) return {{"failed", built.error().message}};
  if (const auto* no = std::get_if<Refusal>(&*built)) return refused(*no);
  return {{"reply", compiled_json(std::get<CompiledAgent>(*built))}};
}

Verdict<Edited> edited(const Compiler& compiler, const Json& arguments, bool agent) {
  auto policy = EditPolicy::from(arguments.value("policy", Json()));
  if (!policy) return Refusal{refusal::kMalformed, policy.error().message};
  return apply_edits(compiler, files_of(arguments.at("source")), arguments.at("edits"), {std::move(*policy), agent, arguments.value("style", "")});
}

// Type-checking and code generation share one parse, so an accepted edit comes back compiled.
Json apply(Tools& tools, const Json& arguments) {
  const Compiler& compiler = tools.compiler;
  const auto result = edited(compiler, arguments, true);
  if (const auto* no = std::get_if<Refusal>(&result)) return refused(*no);
  const auto& [files, needs_approval] = std::get<Edited>(result);
  const double before = compiler.code_seconds();
  Json reply = compile(tools, files, arguments.value("device", false));
  if (!reply.contains("reply")) return reply;
  reply["reply"]["code_seconds"] = compiler.code_seconds() - before;
  reply["reply"]["source"] = files;
  reply["reply"]["needs_approval"] = needs_approval;
  return reply;
}

// Edits of C++ that is no agent: parsed with its own flags, type-checked, and compared.
Json edit_source(const Json& arguments) {
  auto compiler = Compiler::create_for(arguments.at("flags"), arguments.at("directory"), arguments.at("root"), arguments.at("given"));
  if (!compiler) return refused({refusal::kMalformed, compiler.error().message});
  const auto result = edited(**compiler, arguments, false);
  if (const auto* no = std::get_if<Refusal>(&result)) return refused(*no);
  const auto& [files, needs_approval] = std::get<Edited>(result);
  const auto checked = Program::parse(**compiler, files);
  if (const auto* no = std::get_if<Refusal>(&checked)) return refused(*no);
  return {{"reply", {{"source", files}, {"needs_approval", needs_approval}, {"diff", ast_diff(**compiler, files_of(arguments.at("source")), files)}}}};
}

Json outline_source(const Json& arguments) {
  auto compiler = Compiler::create_for(arguments.at("flags"), arguments.at("directory"), arguments.at("root"), arguments.at("given"));
  if (!compiler) return refused({refusal::kMalformed, compiler.error().message});
  auto parsed = Program::parse(**compiler, files_of(arguments.at("source")));
  if (const auto* no = std::get_if<Refusal>(&parsed)) return refused(*no);
  const auto& program = std::get<Program>(parsed);
  Json reply = program.outline();
  if (arguments.value("sites", false)) reply.update(list_sites(program, {}));
  return {{"reply", reply}};
}

Vocabulary vocabulary_of(const Json& arguments) {
  Vocabulary vocabulary;
  if (arguments.contains("vocabulary") && arguments["vocabulary"].is_object()) vocabulary.words = arguments["vocabulary"];
  if (arguments.contains("blocks") && arguments["blocks"].is_array())
    for (const Json& entry : arguments["blocks"]) {
      if (!entry.is_string()) continue;
      const std::string name = entry.get<std::string>();
      name.starts_with('!') ? vocabulary.without.push_back(name.substr(1)) : vocabulary.headers.push_back(name);
    }
  return vocabulary;
}

Json with_program(const Compiler& compiler, const Json& arguments, const std::function<Json(const Program&)>& question) {
  const std::string about = bare_name(arguments.value("function", ""));
  auto parsed = Program::parse_mentioning(compiler, files_of(arguments.at("source")), about);
  if (const auto* no = std::get_if<Refusal>(&parsed)) return refused(*no);
  return {{"reply", question(std::get<Program>(parsed))}};
}

using Parts = Lru<std::string, Json>;

// Answers a question whose reply is a list with one part per source file, and keeps the parts: a child differs from its parent in
// one file, and parsing the other again would be most of the cost.
Json per_file(const Compiler& compiler, Parts& parts, const Json& arguments, const std::string& request, const std::string& list,
              const std::function<Json(const Program&)>& question) {
  const Files files = files_of(arguments.at("source"));
  Json all = Json::array();
  for (const auto& [path, text] : files) {
    if (!is_source(path)) continue;
    const std::string key = request + '\0' + all_of_unit(path, files);
    auto part = parts.find(key);
    if (!part) {
      Files alone = files;
      std::erase_if(alone, [&, &path = path](const auto& other) { return is_source(other.first) && other.first != path; });
      auto parsed = Program::parse(compiler, alone);
      if (const auto* no = std::get_if<Refusal>(&parsed)) return refused(*no);
      part = parts.put(key, question(std::get<Program>(parsed))[list]);
    }
    // A header's come with every source that includes it.
    for (const Json& item : *part)
      if (item.at("file") == path || std::find(all.begin(), all.end(), item) == all.end()) all.push_back(item);
  }
  return {{"reply", {{list, all}}}};
}

// The API headers as they are, for agents that read before they write.
Json headers(const std::string& share, const Json& arguments) {
  Json texts = Json::object();
  for (const Json& entry : arguments.at("names")) {
    const std::string name = entry.get<std::string>();
    const bool plain = name.starts_with("ha/") && name.ends_with(".h") && name.find('/', 3) == std::string::npos;
    std::ifstream in(share + "/include/" + name);
    if (!plain || !in) return refused({refusal::kNotFound, "there is no API header " + name.substr(0, 100)});
    texts[name] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  return {{"reply", {{"headers", texts}}}};
}

Json replied(Json result) {
  if (result.is_object() && result.contains("refused")) return result;
  return {{"reply", std::move(result)}};
}

Json serve(Tools& tools, Parts& parts, const std::string& request, const Json& arguments) {
  const Compiler& compiler = tools.compiler;
  const std::string& share = tools.share;
  if (request == "apply") return apply(tools, arguments);
  if (request == "edit_source") return edit_source(arguments);
  if (request == "outline_source") return outline_source(arguments);
  if (request == "compile") return compile(tools, files_of(arguments.at("source")), arguments.value("device", false));
  if (request == "outline") return per_file(compiler, parts, arguments, request, "functions", [](const Program& program) { return program.outline(); });
  if (request == "sites") return per_file(compiler, parts, arguments, request, "groups", site_groups);
  if (request == "list_sites")
    return with_program(compiler, arguments, [&](const Program& program) {
      return list_sites(program, vocabulary_of(arguments), arguments.value("function", ""));
    });
  if (request == "draw")
    return with_program(compiler, arguments, [&](const Program& program) {
      return draw_edit(program, arguments.at("function"), arguments.at("kind"), arguments.at("seed"), vocabulary_of(arguments));
    });
  if (request == "headers") return headers(share, arguments);
  if (request == "diff") return replied(ast_diff(compiler, files_of(arguments.at("a")), files_of(arguments.at("b"))));
  if (request == "mutate_cpp") return replied(programs::mutate_cpp(arguments, share));
  if (request == "build_cpp") return replied(programs::build_cpp(arguments, share));
  return refused({"malformed", "unknown request '" + request + "'"});
}

bool read_all(char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t got = read(0, data, size);
    if (got <= 0) return false;
    data += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<std::string> read_frame() {
  std::uint32_t size = 0;
  if (!read_all(reinterpret_cast<char*>(&size), 4) || size > kLargestFrame) return std::nullopt;
  std::string frame(size, '\0');
  if (!read_all(frame.data(), size)) return std::nullopt;
  return frame;
}

bool write_frame(const Json& json) {
  const std::string body = to_frame(json);
  const std::uint32_t size = static_cast<std::uint32_t>(body.size());
  std::string frame(reinterpret_cast<const char*>(&size), 4);
  frame += body;
  for (std::size_t done = 0; done < frame.size();) {
    const ssize_t wrote = write(1, frame.data() + done, frame.size() - done);
    if (wrote <= 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

// A frame with a refusal, made before anything can go wrong: a signal handler only writes it.
std::string refusal_frame(const char* message) {
  const std::string body = to_frame(refused({"limit", message}));
  const std::uint32_t size = static_cast<std::uint32_t>(body.size());
  return std::string(reinterpret_cast<const char*>(&size), 4) + body;
}

struct LastWords {
  std::string slow = refusal_frame("the compiler ran over its time limit on this source");
  std::string crashed = refusal_frame("the compiler crashed or ran out of memory on this source");
  std::vector<char> stack = std::vector<char>(64 << 10);  // a source nested too deeply leaves none
};
const LastWords* last_words = nullptr;  // for the handler, which has no other way to it

void answer_and_end(int signal) {
  const std::string& words = signal == SIGALRM ? last_words->slow : last_words->crashed;
  _exit(write(1, words.data(), words.size()) == static_cast<ssize_t>(words.size()) ? 0 : 1);
}

void install(const LastWords& words) {
  last_words = &words;
  stack_t stack{};
  stack.ss_sp = const_cast<char*>(words.stack.data());
  stack.ss_size = words.stack.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = answer_and_end;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (int signal : {SIGALRM, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) sigaction(signal, &action, nullptr);
}

Json answer(Tools& tools, Parts& parts, const Json& message) {
  try {
    return serve(tools, parts, message.at("request"), message.at("arguments"));
  } catch (const nlohmann::json::exception& thrown) {
    return refused({"malformed", std::string("the request lacks something: ") + thrown.what()});
  }
}

bool alone(const Json& message) {
  if (!message.is_object()) return false;
  const std::string request = message.value("request", "");
  return request == "edit_source" || request == "outline_source" || request == "mutate_cpp" || request == "build_cpp";
}

bool answer_in_child(Tools& tools, Parts& parts, const Json& message) {
  const pid_t child = fork();
  if (child < 0) return write_frame({{"failed", "cannot fork the compiler worker"}});
  if (child == 0) {
    alarm(kAloneSeconds);  // a fork inherits no alarm
    _exit(write_frame(answer(tools, parts, message)) ? 0 : 1);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {}
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  return write(1, last_words->crashed.data(), last_words->crashed.size()) == static_cast<ssize_t>(last_words->crashed.size());
}

// For builds, benchmarks and tests: the PTX of the rewards in files that are trusted.
int print_ptx(const std::string& share, const std::vector<std::string>& paths) {
  Files files;
  for (const std::string& path : paths) {
    std::ifstream in(path);
    if (!in) return std::fprintf(stderr, "ha-tool: cannot read %s\n", path.c_str()), 1;
    files["task/" + path.substr(path.rfind('/') + 1)] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  auto device = DeviceCode::open(share);
  if (!device) return std::fprintf(stderr, "ha-tool: %s\n", device.error().message.c_str()), 2;
  const auto ptx = (*device)->ptx(files);
  if (const auto* no = std::get_if<Refusal>(&ptx)) return std::fprintf(stderr, "ha-tool: %s\n", no->message.c_str()), 1;
  std::fputs(std::get<std::string>(ptx).c_str(), stdout);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string mode = count > 1 ? arguments[1] : "";
  const auto made = [](const Result<void>& built) {
    if (!built) std::fprintf(stderr, "ha-tool: %s\n", built.error().message.c_str());
    return built ? 0 : 2;
  };
  if (mode == "--ptx" && count > 3) return print_ptx(arguments[2], {arguments + 3, arguments + count});
  if (mode == "--precompile" && count > 2) return made(Compiler::build_precompiled_header(arguments[2], {arguments + 3, arguments + count}));
  if (mode == "--precompile-device" && count == 5) return made(DeviceCode::build(arguments[2], arguments[3], arguments[4]));
  if (mode == "--precompile-programs" && count == 3) return made(programs::build_precompiled_header(arguments[2]));
  if (count != 3 || mode != "--serve") {
    std::fprintf(stderr, "usage: ha-tool --serve SHARE | --precompile SHARE LIBRARY... | --precompile-device SHARE SOURCE ROOT | --precompile-programs SHARE\n"
                         "                                     (started by hyperagent and its build)\n"
                         "       ha-tool --ptx SHARE FILE...   (prints what a device is given of the reward in these files)\n");
    return 1;
  }
  auto compiler = Compiler::create(arguments[2]);
  if (!compiler) {
    std::fprintf(stderr, "%s\n", compiler.error().message.c_str());
    return 2;
  }
  const rlimit memory{kRequestMemory, kRequestMemory};
  setrlimit(RLIMIT_AS, &memory);
  Parts parts(512);
  Tools tools{**compiler, arguments[2]};
  const LastWords words;
  install(words);
  // What one tree gave back the next one takes: asking the system for it each time is page faults.
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  int served = 0;
  while (const auto frame = read_frame()) {
    const Json message = from_frame(*frame);
    alarm(alone(message) ? 0 : kRequestSeconds);
    if (!(alone(message) ? answer_in_child(tools, parts, message) : write_frame(answer(tools, parts, message)))) return 1;
    alarm(0);
    // What one source left behind must not be the lack of memory that the next is blamed for. Not the peak that getrusage knows: it is inherited from the host.
    if (++served % kRequestsBetweenLooks > 0) continue;  // it walks the heap
    const struct mallinfo2 heap = mallinfo2();
    if (heap.arena + heap.hblkhd > kTiredBytes) return 0;
  }
  return 0;
}
