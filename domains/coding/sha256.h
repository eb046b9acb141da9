// SHA-256 (FIPS 180-4): names cache entries by their content. Candidates choose part of that content, so a hash with known
// collisions would let one forge another's test result.
#pragma once

#include <string>
#include <string_view>

namespace hyperagent {

std::string sha256_hex(std::string_view data);

}  // namespace hyperagent
