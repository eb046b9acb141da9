// How the host and the boxed worker speak: one CBOR frame a request, one a reply.
//
//   {"request": NAME, "arguments": {...}}  ->  {"reply": {...}} | {"refused": {"code","message"}} | {"failed": "our failure"}
#pragma once

#include <string>

#include "hyperagent/core/json.h"

namespace hyperagent::tooling {

inline std::string to_frame(const Json& json) {
  const auto bytes = Json::to_cbor(json);
  return std::string(bytes.begin(), bytes.end());
}

inline Json from_frame(const std::string& frame) { return Json::from_cbor(frame, true, false); }

}  // namespace hyperagent::tooling
