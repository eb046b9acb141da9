// A model behind a program: the prompt on its standard input, the completion on its standard output. Any coding agent's command line will do,
// and so will a person (by_hand.py).
#pragma once

#include <string>

#include "hyperagent/core/model.h"
#include "hyperagent/model/settings.h"

namespace hyperagent::model {

// The command is the user's and runs as the user, outside any box, by `sh -c`; it ends with the call. A status other than 0 is a fault of the
// endpoint; it is tried again once.
class CommandModel : public ModelProvider {
 public:
  explicit CommandModel(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
  Result<ModelReply> complete(const CompletionRequest& request, const CancelFlag& cancel) override;

 private:
  Endpoint endpoint_;
};

// The messages as one text: the system's words first, then each turn behind a line "[user]" or "[assistant]"; a single turn stands alone.
std::string prompt_text(const CompletionRequest& request);

}  // namespace hyperagent::model
