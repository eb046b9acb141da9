#include "tooling/client.h"

#include <optional>

#include "tooling/protocol.h"

namespace hyperagent {
namespace {

constexpr const char* kProgramInBox = "/opt/ha-tool";
constexpr int kRequestsOfAWorker = 5000;  // then a new one: what an earlier source may have done to it ends there

class BoxedToolchain : public Toolchain {
 public:
  BoxedToolchain(BoxLauncher& launcher, ToolchainOptions options) : launcher_(launcher), options_(std::move(options)) {}

  Result<Verdict<Rewritten>> apply(const AgentSource& source, const Json& edits) override {
    auto reply = exchange("apply", {{"source", source.files}, {"edits", edits}, {"policy", options_.policy}, {"device", options_.device}});
    if (!reply) return reply.error();
    if (auto refusal = refusal_in(*reply)) return Verdict<Rewritten>(std::move(*refusal));
    return understood<Verdict<Rewritten>>([&] { return rewritten_from((*reply)["reply"]); });
  }

  Result<Verdict<CompiledAgent>> compile(const AgentSource& source) override {
    if (last_compiled_ && last_source_ == source) return Verdict<CompiledAgent>(*last_compiled_);
    auto reply = exchange("compile", {{"source", source.files}, {"device", options_.device}});
    if (!reply) return reply.error();
    if (auto refusal = refusal_in(*reply)) return Verdict<CompiledAgent>(std::move(*refusal));
    return understood<Verdict<CompiledAgent>>([&] { return Verdict<CompiledAgent>(compiled_from((*reply)["reply"])); });
  }

  Result<Json> ask(const std::string& request, const Json& arguments) override {
    auto reply = exchange(request, arguments);
    if (!reply) return reply.error();
    if (auto refusal = refusal_in(*reply)) return Json{{"refused", {{"code", refusal->code}, {"message", refusal->message}}}};
    return std::move((*reply)["reply"]);
  }

 private:
  // A source that took the worker over may have it say anything: what is not as agreed is our error, not an exception.
  template <class T, class Read>
  static Result<T> understood(const Read& read) {
    try {
      return read();
    } catch (const Json::exception&) {
      return environment_error("the compiler worker gave a reply of another shape than agreed; run `hyperagent doctor`");
    }
  }

  static std::optional<Refusal> refusal_in(const Json& reply) {
    if (!reply.contains("refused")) return std::nullopt;
    return Refusal{text_in(reply["refused"], "code"), text_in(reply["refused"], "message")};
  }

  static std::string text_in(const Json& json, const char* member) {
    const auto found = json.is_object() ? json.find(member) : json.end();
    return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : "";
  }

  Verdict<Rewritten> rewritten_from(const Json& result) {
    Rewritten rewritten;
    rewritten.source.files = result.at("source").get<std::map<std::string, std::string>>();
    rewritten.ast_hash = result.at("ast_hash").get<std::string>();
    rewritten.needs_approval = result.at("needs_approval").get<std::vector<std::string>>();
    rewritten.code_seconds = result.at("code_seconds").get<double>();
    // The pipeline compiles what it has just rewritten: keep that one result.
    last_source_ = rewritten.source;
    last_compiled_ = compiled_from(result);
    return Verdict<Rewritten>(std::move(rewritten));
  }

  static CompiledAgent compiled_from(const Json& result) {
    const auto& bytes = result.at("library").get_binary();
    return {std::string(bytes.begin(), bytes.end()), result.at("ast_hash").get<std::string>(), result.at("object_hashes")};
  }

  // One request and its reply. A worker that died is started again once: requests do not depend on earlier ones.
  Result<Json> exchange(const std::string& request, const Json& arguments) {
    const std::string frame = tooling::to_frame({{"request", request}, {"arguments", arguments}});
    std::string why;
    if (worker_ && requests_ >= kRequestsOfAWorker) worker_.reset();
    ++requests_;
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!worker_) {
        auto started = start();
        if (!started) return started.error();
        worker_ = std::move(*started);
        requests_ = 1;
      }
      if (worker_->send(frame)) {
        if (auto bytes = worker_->receive(options_.request_seconds)) {
          Json reply = tooling::from_frame(*bytes);
          if (reply.is_object() && reply.contains("failed")) return environment_error("the compiler worker failed: " + text_in(reply, "failed"));
          if (reply.is_object()) return reply;
        }
      }
      why = describe(worker_->wait()) + ": " + worker_->standard_error();
      worker_.reset();
    }
    return environment_error("the compiler worker ended while serving '" + request + "' (" + why + "); run `hyperagent doctor`");
  }

  Result<std::unique_ptr<BoxProcess>> start() {
    BoxSpec spec;
    spec.argv = {kProgramInBox, "--serve", options_.share};
    // Only what compiling needs: the share folder also holds hidden tests, which hostile source could have the compiler embed.
    spec.read_only = {{options_.program, kProgramInBox}};
    for (const char* name : {"include", "agent.pch", "agent.symbols", "cpp_harness.h"})
      spec.read_only.push_back({options_.share + "/" + name, options_.share + "/" + name});
    if (const std::string optional = options_.share + "/programs.pch"; ::access(optional.c_str(), R_OK) == 0)
      spec.read_only.push_back({optional, optional});
    if (options_.device) spec.read_only.push_back({options_.share + "/device", options_.share + "/device"});
    for (const std::string& path : options_.readable) spec.read_only.push_back({path, path});
    spec.environment = {{"PATH", "/usr/bin:/bin"}, {"TMPDIR", "/tmp"}};
    spec.limits = {.wall_seconds = 0, .cpu_seconds = 0, .memory_bytes = 6ll << 30, .processes = 64, .output_bytes = 0, .file_bytes = 512ll << 20};
    spec.profile = SyscallProfile::Tool;
    return launcher_.start(spec);
  }

  BoxLauncher& launcher_;
  ToolchainOptions options_;
  std::unique_ptr<BoxProcess> worker_;
  int requests_ = 0;  // that this worker has had
  AgentSource last_source_;
  std::optional<CompiledAgent> last_compiled_;
};

}  // namespace

std::unique_ptr<Toolchain> make_boxed_toolchain(BoxLauncher& launcher, ToolchainOptions options) {
  return std::make_unique<BoxedToolchain>(launcher, std::move(options));
}

}  // namespace hyperagent
