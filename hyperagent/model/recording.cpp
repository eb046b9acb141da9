#include "hyperagent/model/recording.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "hyperagent/model/journal.h"

namespace hyperagent::model {

std::vector<std::uint64_t> shingles_of(const std::string& text) {
  std::vector<std::uint64_t> words, runs;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool inside = i < text.size() && static_cast<unsigned char>(text[i]) > ' ';
    if (inside) continue;
    if (i > begin) words.push_back(hash_of(std::string_view(text).substr(begin, i - begin), 0));
    begin = i + 1;
  }
  for (std::size_t i = 0; i + 2 < words.size(); ++i) runs.push_back(words[i] * 3 + words[i + 1] * 5 + words[i + 2] * 7);
  if (runs.empty()) runs = words;
  std::sort(runs.begin(), runs.end());
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  return runs;
}

double similarity(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::size_t both = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y) ++both, ++x, ++y;
    else if (*x < *y) ++x;
    else ++y;
  }
  const std::size_t all = a.size() + b.size() - both;
  return all == 0 ? 1 : static_cast<double>(both) / static_cast<double>(all);
}

Result<std::unique_ptr<Recording>> Recording::load(const std::string& path, bool nearest) {
  std::error_code code;
  const std::string file = std::filesystem::is_directory(path, code) ? path + "/exchanges.jsonl" : path;
  auto recording = std::make_unique<Recording>(nearest);
  if (auto read = recording->read(file); !read) return read.error();
  if (recording->size() == 0) return user_error("there are no recorded exchanges in " + path + ": --from names the directory of a run made with a model, or its exchanges.jsonl");
  return recording;
}

Result<void> Recording::read(const std::string& file) {
  return read_exchanges(
      file, [this](Exchange exchange) { add(exchange); }, [this](Told told) { add(told); });
}

void Recording::add(const Told& told) {
  std::lock_guard lock(mutex_);
  told_.emplace(told.generation, told.limits);
}

std::optional<Json> Recording::limits_told(int generation) const {
  std::lock_guard lock(mutex_);
  const auto found = told_.find(generation);
  return found == told_.end() ? std::nullopt : std::optional(found->second);
}

void Recording::add(const Exchange& exchange) {
  const ExchangeKey key = exchange.key();
  std::vector<std::uint64_t> shingles = nearest_ ? shingles_of(request_text(exchange.request)) : std::vector<std::uint64_t>();
  std::lock_guard lock(mutex_);
  total_ += exchange.use;
  if (!by_key_.emplace(key, kept_.size()).second) return;  // the first answer counts
  kept_.push_back({{exchange.reply, exchange.use}, exchange.site.entry, exchange.number, std::move(shingles)});
}

std::optional<Recording::Answer> Recording::find(const ExchangeKey& key) const {
  std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  return kept_[found->second].answer;
}

std::optional<Recording::Answer> Recording::nearest(const CallSite& site, int number, const Json& request) const {
  const std::vector<std::uint64_t> asked = shingles_of(request_text(request));
  std::lock_guard lock(mutex_);
  const Kept* best = nullptr;
  std::tuple<double, bool, bool> best_rank;
  for (const Kept& kept : kept_) {
    const std::tuple rank(similarity(asked, kept.shingles), kept.entry == site.entry, kept.number == number);
    if (best != nullptr && rank <= best_rank) continue;
    best = &kept;
    best_rank = rank;
  }
  if (best == nullptr) return std::nullopt;
  return best->answer;
}

ModelUse Recording::total() const {
  std::lock_guard lock(mutex_);
  return total_;
}

std::size_t Recording::size() const {
  std::lock_guard lock(mutex_);
  return kept_.size();
}

}  // namespace hyperagent::model
