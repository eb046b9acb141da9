// Language models: one completion of a provider, and the completions of a run as the loop hands them to agents. Implemented by
// hyperagent/model; tests have fakes.
//
// Faults: an endpoint that is down, a key that is not accepted or a spent budget is an Error, never data: it must not become a score. What a
// prompt or the model itself did (a prompt that is too long, a refusal, a reply beyond all bounds) is a ModelRefusal, data for who asked.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "hyperagent/core/clock.h"
#include "hyperagent/core/json.h"
#include "hyperagent/core/pool.h"
#include "hyperagent/core/result.h"
#include "hyperagent/core/rng.h"

namespace hyperagent {

struct ModelMessage {
  std::string role;  // "system", "user" or "assistant"
  std::string text;
};

struct CompletionRequest {
  std::vector<ModelMessage> messages;
  double temperature = 0.7;
  int max_tokens = 4096;  // of the reply
};

// What completions used. `cost` in US dollars.
struct ModelUse {
  long long calls = 0, input_tokens = 0, output_tokens = 0;
  double cost = 0;

  long long tokens() const { return input_tokens + output_tokens; }
  ModelUse& operator+=(const ModelUse& other) {
    calls += other.calls;
    input_tokens += other.input_tokens;
    output_tokens += other.output_tokens;
    cost += other.cost;
    return *this;
  }
};
Json to_json(const ModelUse& use);  // {"calls","input_tokens","output_tokens","cost"}
ModelUse model_use_from(const Json& json);

struct Completion {
  std::string text;   // valid UTF-8
  std::string model;  // as the endpoint names it
  std::string stop;   // "end", or "length" when it was cut at max_tokens
  ModelUse use;       // one call
  bool estimated = false;  // the endpoint said nothing of tokens: counted from the texts
  int tries = 1;
  double seconds = 0;  // of the whole call, retries included
};

struct ModelRefusal {
  std::string code;  // "prompt_too_long", "refused", "too_large", "empty"
  std::string message;
};
using ModelReply = std::variant<Completion, ModelRefusal>;

// One endpoint. Thread-safe.
class ModelProvider {
 public:
  virtual ~ModelProvider() = default;
  // Returns within a tenth of a second once `cancel` is set (Interrupted error).
  virtual Result<ModelReply> complete(const CompletionRequest& request, const CancelFlag& cancel) = 0;
};

// Who asks: part of the key under which an exchange is stored and found again, so all of it is the same when a run is made again.
struct CallSite {
  std::string entry;    // "improve" or "solve"
  std::string program;  // canonical hash of the agent that asks
  std::string place;    // improve: the seed it was given; solve: split and task id
  std::string model;    // the one assigned; empty: the run's first
  int generation = 0, slot = 0;  // for people; 0 0 outside a generation
};

// The models of a run, metered, with every exchange stored. Thread-safe.
class Completions {
 public:
  virtual ~Completions() = default;
  // The `number`th completion of a call of an entry point. `arguments`: {"messages": [{"role","text"}], "max_tokens"?, "temperature"?}. The
  // reply is {"text","model","stop"} or {"error","code"}. `use` grows by what the exchange used, paid now or earlier.
  // Error: a fault of the endpoint or of ours, Interrupted when cancelled or when a budget is spent (see exhausted()).
  virtual Result<Json> complete(const CallSite& site, int number, const Json& arguments, const CancelFlag& cancel, ModelUse& use) = 0;
  // Which model serves improve() in each slot of a generation; a function of the pool and the random streams alone.
  virtual std::vector<std::string> assign(const Pool& pool, std::span<Rng> slots) const = 0;
  // "tokens" or "cost" once a call was turned down because that budget is spent, else "".
  virtual std::string exhausted() const = 0;
  // What an agent is told: {"models": [name], "budget_left": share 0 to 1, ...}; `used`: by the committed part of the run.
  virtual Json describe(const ModelUse& used) const = 0;
  // What the agents of a generation hear of the run's limits, an object: `now`, unless something was said for this generation before (it
  // was given up, or is replayed). Prompts hold it, and only equal prompts find the answers that were paid for, also after somebody raised
  // a limit.
  virtual Result<Json> limits_told(int generation, const Json& now) = 0;
};

}  // namespace hyperagent
