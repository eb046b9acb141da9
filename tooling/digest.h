// A name for bytes: the same for the same bytes, on every machine.
#pragma once

#include <string>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA1.h>

namespace hyperagent::tooling {

// SHA-1 as 40 hexadecimal digits.
inline std::string digest(const std::string& bytes) {
  return llvm::toHex(llvm::SHA1::hash(llvm::ArrayRef<uint8_t>(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size())), true);
}

}  // namespace hyperagent::tooling
