// How the host and the boxed worker speak: one CBOR frame a request, one a reply.
//
//   {"request": NAME, "arguments": {...}}  ->  {"reply": {...}} | {"refused": {"code","message"}} | {"failed": "our failure"}
#pragma once

#include <string>

#include "hyperagent/core/json.h"
#include "hyperagent/core/json_text.h"

namespace hyperagent::tooling {

inline std::string to_frame(const Json& json) {
  const auto bytes = Json::to_cbor(json);
  return std::string(bytes.begin(), bytes.end());
}

// Discarded when it is no frame of ours. The host reads with it what a worker writes that a source may have taken over.
inline Json from_frame(const std::string& frame) { return parse_untrusted_cbor(frame); }

}  // namespace hyperagent::tooling
