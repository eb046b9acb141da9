#include "hyperagent/cli/number_range.h"

#include <cmath>

namespace hyperagent {

CLI::Validator number_from(double low, double high) {
  const CLI::Range range(low, high);
  return CLI::Validator(
      [range](std::string& given) {
        double value = 0;
        if (CLI::detail::lexical_cast(given, value) && std::isnan(value)) return "Value " + given + " is not a number";
        return range(given);
      },
      range.get_description());
}

}  // namespace hyperagent
