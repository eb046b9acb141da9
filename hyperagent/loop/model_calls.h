// The host call "model.complete" of one improve() or solve(): numbers the questions, counts them and what they used.
#pragma once

#include <string>

#include "hyperagent/core/model.h"

namespace hyperagent {

inline constexpr int kModelCallsPerImprove = 24, kModelCallsPerSolve = 24;

// What a call of an entry point needs to reach the run's models; borrowed.
struct ModelAccess {
  Completions* completions = nullptr;  // none: the run has no model
  const CancelFlag* cancel = nullptr;
};

// One object per call of an entry point, one thread.
class ModelCalls {
 public:
  ModelCalls(ModelAccess access, CallSite site, int budget) : access_(access), site_(std::move(site)), left_(budget) {}
  // Whether a host call of this name is one of a model.
  static bool knows(const std::string& name) { return name == "model.complete"; }  // domains have calls of their own that begin like it
  // The reply for the agent; Error: a fault of ours or of the endpoint, or a spent budget of the run.
  Result<Json> call(const Json& arguments) {
    if (access_.completions == nullptr) return Json{{"error", "this run has no language model"}, {"code", "no_model"}};
    if (left_ <= 0) return Json{{"error", "the budget of model calls is spent"}, {"code", "limit"}};
    --left_;
    return access_.completions->complete(site_, number_++, arguments, *access_.cancel, use_);
  }
  const ModelUse& use() const { return use_; }

 private:
  ModelAccess access_;
  CallSite site_;
  int left_, number_ = 0;
  ModelUse use_;
};

}  // namespace hyperagent
