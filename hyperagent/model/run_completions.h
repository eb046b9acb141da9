// The completions of a run: providers, budget, journal and replay behind the loop's interface.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hyperagent/core/model.h"
#include "hyperagent/model/journal.h"
#include "hyperagent/model/meter.h"
#include "hyperagent/model/recording.h"
#include "hyperagent/model/settings.h"

namespace hyperagent::model {

// A line for whoever watches; any thread.
using Note = std::function<void(const std::string&)>;

// Theory of operation. An exchange is looked for in the run's own journal first (a retried step, a resumed run, a second evaluation), then
// answered by the recording (a replay) or by the provider (reserve budget, ask, settle, append to the journal). So each question is paid for
// once, and what an agent hears does not depend on how often the host had to start over.
class RunCompletions : public Completions {
 public:
  struct Parts {
    ModelSettings settings;
    std::vector<std::unique_ptr<ModelProvider>> providers;  // one an endpoint; none in a replay
    std::unique_ptr<Recording> recording;                   // of a replay
    std::unique_ptr<Recording> own;                         // what the journal held when it was opened
    std::optional<Journal> journal;                         // none: nothing is stored
  };
  explicit RunCompletions(Parts parts);

  // Reads and opens the journal at `journal_path` (empty: none), makes the providers, takes keys from `variables`. User errors: no key where
  // one is needed, --max-cost with a model of unknown price, nothing to replay.
  static Result<std::unique_ptr<RunCompletions>> open(const ModelSettings& settings, const std::string& journal_path,
                                                      const Variables& variables, const Note& note = {});

  Result<Json> complete(const CallSite& site, int number, const Json& arguments, const CancelFlag& cancel, ModelUse& use) override;
  std::vector<std::string> assign(const Pool& pool, std::span<Rng> slots) const override;
  std::string exhausted() const override { return meter_.exhausted(); }
  Json describe(const ModelUse& used) const override;
  Result<Json> limits_told(int generation, const Json& now) override;
  ModelUse spent() const { return meter_.spent(); }
  int most_in_flight() const { return most_in_flight_; }

 private:
  Result<Exchange> ask(const Endpoint& endpoint, ModelProvider& provider, Exchange exchange, const CompletionRequest& request, const CancelFlag& cancel);
  // Two slots may make the same program and ask the same at once: the second waits for the first one's answer.
  class Turn;
  Parts parts_;
  Meter meter_;
  std::mutex turns_mutex_;
  std::condition_variable turn_ended_;
  std::set<ExchangeKey> turns_;
  std::atomic<int> in_flight_ = 0, most_in_flight_ = 0;
};

// The provider of one endpoint. User error when its key is missing.
Result<std::unique_ptr<ModelProvider>> make_provider(const Endpoint& endpoint, const Variables& variables, const Note& note = {});

// Price of what was used; tokens are counted from the texts (4 bytes each) where the endpoint said nothing.
ModelUse priced(const Endpoint& endpoint, const CompletionRequest& request, const Completion& completion);

}  // namespace hyperagent::model
