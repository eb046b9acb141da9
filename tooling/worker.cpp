// ha-tool: the boxed worker that holds Clang. Loads the precompiled API header once, then serves each request in a forked child, so
// that a source that crashes, loops or exhausts the compiler costs one request and nothing else.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>

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

constexpr const char* kObjectCache = "/tmp/objects";
constexpr unsigned kRequestSeconds = 60;
constexpr rlim_t kRequestMemory = 3ull << 30;
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

Json compile(const Compiler& compiler, const Files& files) {
  auto built = build_agent(compiler, files, kObjectCache);
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
Json apply(const Compiler& compiler, const Json& arguments) {
  const auto result = edited(compiler, arguments, true);
  if (const auto* no = std::get_if<Refusal>(&result)) return refused(*no);
  const auto& [files, needs_approval] = std::get<Edited>(result);
  Json reply = compile(compiler, files);
  if (!reply.contains("reply")) return reply;
  reply["reply"]["source"] = files;
  reply["reply"]["needs_approval"] = needs_approval;
  return reply;
}

// Edits of C++ that is no agent: parsed with its own flags, type-checked, and compared.
Json edit_source(const Json& arguments) {
  auto compiler = Compiler::create_for(arguments.at("flags"), arguments.at("directory"), arguments.at("root"));
  if (!compiler) return refused({refusal::kMalformed, compiler.error().message});
  const auto result = edited(**compiler, arguments, false);
  if (const auto* no = std::get_if<Refusal>(&result)) return refused(*no);
  const auto& [files, needs_approval] = std::get<Edited>(result);
  const auto checked = Program::parse(**compiler, files);
  if (const auto* no = std::get_if<Refusal>(&checked)) return refused(*no);
  return {{"reply", {{"source", files}, {"needs_approval", needs_approval}, {"diff", ast_diff(**compiler, files_of(arguments.at("source")), files)}}}};
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

std::optional<Json> read_cached(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Json json = from_frame(bytes);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

// Answers a question whose reply is a list with one part per source file, and keeps the parts: a child differs from its parent in
// one file, and parsing the other again would be most of the cost.
Json per_file(const Compiler& compiler, const Json& arguments, const std::string& request, const std::string& list, const std::function<Json(const Program&)>& question) {
  const Files files = files_of(arguments.at("source"));
  Json all = Json::array();
  for (const auto& [path, text] : files) {
    if (!is_source(path)) continue;
    const std::string file = std::string(kObjectCache) + "/" + request + "-" + unit_key(path, files);
    auto part = read_cached(file);
    if (!part) {
      Files alone = files;
      std::erase_if(alone, [&, &path = path](const auto& other) { return is_source(other.first) && other.first != path; });
      auto parsed = Program::parse(compiler, alone);
      if (const auto* no = std::get_if<Refusal>(&parsed)) return refused(*no);
      part = question(std::get<Program>(parsed))[list];
      const std::string bytes = to_frame(*part), fresh = file + "." + std::to_string(getpid());
      std::ofstream(fresh, std::ios::binary) << bytes;
      std::error_code ignored;
      std::filesystem::rename(fresh, file, ignored);  // a full cache only costs time: a torn file does not decode
    }
    for (Json& item : *part) all.push_back(std::move(item));
  }
  return {{"reply", {{list, all}}}};
}

Json replied(Json result) {
  if (result.is_object() && result.contains("refused")) return result;
  return {{"reply", std::move(result)}};
}

Json serve(const Compiler& compiler, const std::string& share, const std::string& request, const Json& arguments) {
  if (request == "apply") return apply(compiler, arguments);
  if (request == "edit_source") return edit_source(arguments);
  if (request == "compile") return compile(compiler, files_of(arguments.at("source")));
  if (request == "outline") return per_file(compiler, arguments, request, "functions", [](const Program& program) { return program.outline(); });
  if (request == "sites") return per_file(compiler, arguments, request, "groups", site_groups);
  if (request == "draw")
    return with_program(compiler, arguments, [&](const Program& program) {
      return draw_edit(program, arguments.at("function"), arguments.at("kind"), arguments.at("seed"), vocabulary_of(arguments));
    });
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

[[noreturn]] void work(const Compiler& compiler, const std::string& share, const std::string& frame) {
  alarm(kRequestSeconds);
  const rlimit memory{kRequestMemory, kRequestMemory};
  setrlimit(RLIMIT_AS, &memory);
  Json reply;
  try {
    const Json message = from_frame(frame);
    reply = serve(compiler, share, message.at("request"), message.at("arguments"));
  } catch (const nlohmann::json::exception& thrown) {
    reply = refused({"malformed", std::string("the request lacks something: ") + thrown.what()});
  }
  _exit(write_frame(reply) ? 0 : 1);
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3 && std::string(arguments[1]) == "--precompile") {
    auto built = Compiler::build_precompiled_header(arguments[2]);
    if (!built) std::fprintf(stderr, "ha-tool: %s\n", built.error().message.c_str());
    return built ? 0 : 2;
  }
  if (count != 3 || std::string(arguments[1]) != "--serve") {
    std::fprintf(stderr, "usage: ha-tool --serve SHARE | --precompile SHARE   (started by hyperagent)\n");
    return 1;
  }
  auto compiler = Compiler::create(arguments[2]);
  if (!compiler) {
    std::fprintf(stderr, "%s\n", compiler.error().message.c_str());
    return 2;
  }
  std::error_code ignored;
  std::filesystem::create_directories(kObjectCache, ignored);
  while (const auto frame = read_frame()) {
    const pid_t child = fork();
    if (child == 0) work(**compiler, arguments[2], *frame);
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0) {}
    if (child < 0) write_frame({{"failed", "cannot fork the compiler worker"}});
    if (child > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
      const bool slow = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
      write_frame(refused({"limit", slow ? "the compiler ran over its time limit on this source" : "the compiler crashed or ran out of memory on this source"}));
    }
  }
  return 0;
}
