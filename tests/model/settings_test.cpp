#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "hyperagent/model/retry.h"
#include "hyperagent/model/run_completions.h"
#include "hyperagent/model/settings.h"

using namespace hyperagent;
using namespace hyperagent::model;
using Catch::Matchers::Contains;

namespace {

std::optional<std::string> nothing(const std::string&) { return std::nullopt; }

class File {
 public:
  explicit File(const std::string& text) : path_(name()) { std::ofstream(path_) << text; }
  ~File() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  static std::string name() {
    std::string path = "/tmp/ha_settings_XXXXXX";
    const int fd = ::mkstemp(path.data());
    if (fd >= 0) ::close(fd);
    return path;
  }
  std::string path_;
};

std::string complaint(const std::string& toml, const std::string& model = "mine") {
  const File file(toml);
  ModelFlagValues flags;
  flags.model = model;
  flags.config_file = file.path();
  const auto settings = resolve_models(flags, nothing);
  return settings ? "accepted" : settings.error().message;
}

}  // namespace

TEST_CASE("a provider and a model are enough") {
  ModelFlagValues flags;
  flags.model = "ollama:qwen3:8b, openai:gpt-4o-mini-2024-07-18";
  const auto settings = resolve_models(flags, nothing);
  REQUIRE(settings);
  REQUIRE(settings->endpoints.size() == 2);
  CHECK(settings->endpoints[0].base_url == "http://localhost:11434");
  CHECK(settings->endpoints[0].model == "qwen3:8b");
  CHECK(settings->endpoints[0].price->input == 0);
  CHECK(settings->endpoints[1].price->output == 0.6);
  CHECK(settings->endpoints[1].key_env == "OPENAI_API_KEY");
}

TEST_CASE("an Ollama server is looked for where Ollama's own variable says") {
  const auto url = [](const std::string& host) {
    ModelFlagValues flags;
    flags.model = "ollama:qwen3";
    const auto settings =
        resolve_models(flags, [&](const std::string& name) { return name == "OLLAMA_HOST" ? std::optional(host) : std::nullopt; });
    return settings ? settings->endpoints[0].base_url : settings.error().message;
  };
  CHECK(url("127.0.0.1:9999") == "http://127.0.0.1:9999");
  CHECK(url("0.0.0.0") == "http://localhost:11434");
  CHECK(url("big-box") == "http://big-box:11434");
  CHECK(url("https://ollama.example/") == "https://ollama.example");
}

TEST_CASE("a server on this machine may read a long prompt for as long as a call may take, another one may not be silent that long") {
  ModelFlagValues flags;
  flags.model = "ollama:a,openai:gpt-5,llamacpp";
  const auto settings = resolve_models(flags, nothing);
  REQUIRE(settings);
  CHECK(settings->endpoints[0].idle_seconds == 900);
  CHECK(settings->endpoints[1].idle_seconds == 300);
  CHECK(settings->endpoints[2].idle_seconds == 900);
}

TEST_CASE("a price is that of the model itself, not of a dearer one whose name begins alike") {
  CHECK(price_of("gpt-5-2025-08-07", {})->output == 10);
  CHECK(price_of("openai/gpt-5", {})->output == 10);
  CHECK(price_of("claude-sonnet-4-5-20250929", {})->output == 15);
  CHECK(price_of("o3-pro", {})->output == 80);
  CHECK(price_of("gpt-5-pro-2025-10-06", {})->output == 120);
  CHECK_FALSE(price_of("gpt-4o-realtime", {}));
  CHECK(price_of("my-model-large", {{"my-model", {1, 2}}})->output == 2);
}

TEST_CASE("a model's table of the file is read, and flags win over it") {
  const File file("[model.mine]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://127.0.0.1:9/v1/\"\ntemperature = 1\nreply_tokens = 99\n[prices.\"m\"]\ninput = 3\noutput = 4\n");
  ModelFlagValues flags;
  flags.model = "mine";
  flags.config_file = file.path();
  flags.temperature = 0.25;
  const auto settings = resolve_models(flags, nothing);
  REQUIRE(settings);
  const Endpoint& endpoint = settings->endpoints[0];
  CHECK(endpoint.base_url == "http://127.0.0.1:9/v1");
  CHECK(endpoint.temperature == 0.25);
  CHECK(endpoint.reply_tokens == 99);
  CHECK(endpoint.price->output == 4);
  const auto again = model_settings_from(to_json(*settings));
  REQUIRE(again);
  CHECK(to_json(*again) == to_json(*settings));
}

TEST_CASE("mistakes in the file are named with what to write") {
  CHECK_THAT(complaint("[model.mine]\nprovider = \"openai\"\napi_key = \"sk-1\"\n"), Contains("keep keys in the environment"));
  CHECK_THAT(complaint("[model.mine]\nprovider = \"openai\"\nkey_env = \"sk-abcdef\"\n"), Contains("looks like a key"));
  CHECK_THAT(complaint("[model.mine]\nprovider = \"openai\"\nbase_url = \"https://me:pw@host/v1\"\n"), Contains("holds a user name or key"));
  CHECK_THAT(complaint("[model.mine]\nprovider = \"openai\"\ncolour = \"red\"\n"), Contains("unknown member \"colour\""));
  CHECK_THAT(complaint("[model.mine]\nprovider = \"opensesame\"\n"), Contains("anthropic"));
  CHECK_THAT(complaint("[model.mine]\nprovider = \"openai\"\ntemperature = \"hot\"\n"), Contains("\"temperature\""));
  CHECK_THAT(complaint("[model.mine\n"), Contains("line 1"));
  CHECK_THAT(complaint("[model.yours]\nprovider = \"openai\"\n"), Contains("yours"));
  CHECK_THAT(complaint("", "command"), Contains("--model-command"));
  CHECK_THAT(complaint("", "ollama"), Contains("names no model"));
}

TEST_CASE("a missing key is a user error that says where to put it") {
  ModelFlagValues flags;
  flags.model = "anthropic";
  const auto settings = resolve_models(flags, nothing);
  REQUIRE(settings);
  const auto completions = RunCompletions::open(*settings, "", nothing);
  REQUIRE_FALSE(completions);
  CHECK_THAT(completions.error().message, Contains("ANTHROPIC_API_KEY") && Contains(".env"));
}

TEST_CASE("a limit of money needs a price") {
  ModelFlagValues flags;
  flags.model = "openai:unheard-of";
  auto settings = resolve_models(flags, nothing);
  REQUIRE(settings);
  settings->max_cost = 1;
  const auto completions = RunCompletions::open(*settings, "", [](const std::string&) { return "key"; });
  REQUIRE_FALSE(completions);
  CHECK_THAT(completions.error().message, Contains("[prices.\"unheard-of\"]"));
}

TEST_CASE("a .env file may export, quote and comment") {
  const auto values = read_dotenv("# keys\nexport A=1\nB = \"two words\" \nC='x#y'\nD=plain # said\n\nnonsense\n");
  CHECK(values.at("A") == "1");
  CHECK(values.at("B") == "two words");
  CHECK(values.at("C") == "x#y");
  CHECK(values.at("D") == "plain");
  CHECK(values.size() == 4);
}

TEST_CASE("pauses double, are bounded, and give way to what the server asks for") {
  const RetryPolicy policy{6, 0.5, 30, 300};
  CHECK(pause_before(1, 0, std::nullopt, policy) == Approx(0.5));
  CHECK(pause_before(3, 0, std::nullopt, policy) == Approx(2));
  CHECK(pause_before(20, 1, std::nullopt, policy) == Approx(30));
  CHECK(pause_before(1, 0, 12, policy) == Approx(12));
  HttpReply reply;
  reply.headers["retry-after"] = "Thu, 01 Jan 1970 00:01:40 GMT";
  CHECK(retry_after(reply, 60) == 40.0);
  reply.headers["retry-after"] = "-5";
  CHECK_FALSE(retry_after(reply, 60));
  reply.headers["retry-after-ms"] = "250";
  CHECK(retry_after(reply, 60) == 0.25);
}
