#include <ha/meta.h>

namespace ha {

std::vector<SiteGroup> site_groups(const Self&, Host& host) {
  std::vector<SiteGroup> groups;
  for (const Value& item : host.call("meta.sites", Value::object()).get("groups").items())
    groups.push_back({item.get("function").text(), item.get("half").text(), item.get("kind").text(), static_cast<int>(item.get("sites").integer())});
  return groups;
}

Value draw_edit(const Self&, Host& host, const SiteGroup& group, std::uint64_t seed) {
  const Value request = Value::object()
                            .with("function", group.function)
                            .with("kind", group.kind)
                            .with("seed", static_cast<long long>(seed >> 12));  // exact as a JSON number everywhere
  return host.call("meta.draw", request).get("edit");
}

Random::Random(std::uint64_t seed) : state_(seed) {}

// splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
int Random::below(int bound) { return bound <= 0 ? 0 : static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }

int Random::pick(const std::vector<double>& weights) {
  double sum = 0;
  for (double weight : weights) sum += weight > 0 ? weight : 0;
  if (!(sum > 0)) return below(static_cast<int>(weights.size()));
  double point = uniform() * sum;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    point -= weights[i] > 0 ? weights[i] : 0;
    if (point < 0) return static_cast<int>(i);
  }
  return static_cast<int>(weights.size()) - 1;
}

}  // namespace ha
