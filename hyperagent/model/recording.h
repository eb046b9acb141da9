// Exchanges that answer again: those of the run itself (what was paid for is not asked twice) and, in a replay, those of another run.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hyperagent/core/result.h"
#include "hyperagent/model/exchange.h"
#include "hyperagent/model/journal.h"

namespace hyperagent::model {

// Thread-safe. Requests are not kept, but for nearest(): prompts are long.
class Recording {
 public:
  explicit Recording(bool nearest = false) : nearest_(nearest) {}
  // A run directory or a file of exchanges. User error when there are none.
  static Result<std::unique_ptr<Recording>> load(const std::string& path, bool nearest);
  // Adds all that a journal holds; nothing where there is no such file.
  Result<void> read(const std::string& file);

  void add(const Exchange& exchange);
  void add(const Told& told);  // what was said first counts
  struct Answer {
    Json reply;
    ModelUse use;
  };
  std::optional<Answer> find(const ExchangeKey& key) const;
  std::optional<Json> limits_told(int generation) const;
  // The exchange whose question is most like this one (share of equal runs of three words); among equals the one of the same entry point and
  // number, then the first recorded. Nothing for an empty recording.
  std::optional<Answer> nearest(const CallSite& site, int number, const Json& request) const;
  ModelUse total() const;
  std::size_t size() const;

 private:
  struct Kept {
    Answer answer;
    std::string entry;
    int number;
    std::vector<std::uint64_t> shingles;  // sorted
  };
  const bool nearest_;
  mutable std::mutex mutex_;
  std::map<ExchangeKey, std::size_t> by_key_;
  std::vector<Kept> kept_;
  std::map<int, Json> told_;
  ModelUse total_;
};

// Hashes of all runs of three words, sorted, each once.
std::vector<std::uint64_t> shingles_of(const std::string& text);
double similarity(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b);  // Jaccard's

}  // namespace hyperagent::model
