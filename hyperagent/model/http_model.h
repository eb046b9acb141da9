// A model behind HTTP, in either wire format, with retries.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "hyperagent/core/model.h"
#include "hyperagent/model/http.h"
#include "hyperagent/model/retry.h"
#include "hyperagent/model/settings.h"
#include "hyperagent/model/wire.h"

namespace hyperagent::model {

// `key`: empty for servers that take none. It goes into one header and nowhere else: it is cut out of whatever the server says.
class HttpModel : public ModelProvider {
 public:
  // `note`: a line for whoever watches, when a try failed and the pause before the next one is long enough to wonder about; any thread.
  HttpModel(Endpoint endpoint, std::string key, RetryPolicy retry, HttpOptions http, std::function<void(const std::string&)> note = {});
  Result<ModelReply> complete(const CompletionRequest& request, const CancelFlag& cancel) override;

 private:
  // What one try came to: a reply, an error for good, or a reason to try again.
  struct Again {
    std::string why;
    std::optional<double> asked;
    bool at_once = false;  // the request was adapted
    bool unreached = false;  // nobody listens there
  };
  using Try = std::variant<ModelReply, Error, Again>;
  Try once(const CompletionRequest& request, const CancelFlag& cancel);
  Try of_error(const HttpReply& reply, const Quirks& used, const CancelFlag& cancel);
  std::string models_there(const CancelFlag& cancel);
  bool adapted(const std::string& words, const Quirks& used);
  std::string without_key(std::string text) const;
  Error endpoint_error(const std::string& what, const std::string& advice) const;

  const Endpoint endpoint_;
  const std::string key_;
  const RetryPolicy retry_;
  HttpClient client_;
  const std::function<void(const std::string&)> note_;
  std::atomic<bool> reached_ = false;  // somebody answered, whatever it was
  std::mutex mutex_;
  Quirks quirks_;
};

}  // namespace hyperagent::model
