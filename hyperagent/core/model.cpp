#include "hyperagent/core/model.h"

namespace hyperagent {

Json to_json(const ModelUse& use) {
  return {{"calls", use.calls}, {"input_tokens", use.input_tokens}, {"output_tokens", use.output_tokens}, {"cost", use.cost}};
}

ModelUse model_use_from(const Json& json) {
  ModelUse use;
  if (!json.is_object()) return use;
  use.calls = json.value("calls", use.calls);
  use.input_tokens = json.value("input_tokens", use.input_tokens);
  use.output_tokens = json.value("output_tokens", use.output_tokens);
  use.cost = json.value("cost", use.cost);
  return use;
}

}  // namespace hyperagent
