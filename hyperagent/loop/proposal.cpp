#include "hyperagent/loop/proposal.h"

#include <optional>
#include <utility>
#include <vector>

namespace hyperagent {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostEdits = 256;
constexpr std::size_t kEditBytes = 1 << 20;    // every descendant's lineage repeats them
constexpr std::size_t kMemoryBytes = 1 << 16;  // every child inherits it
constexpr std::size_t kReasonBytes = 4000;

// Size as written, nothing when it cannot be written: nlohmann throws on texts that are not UTF-8.
std::optional<std::size_t> written_size(const Json& value) {
  try {
    return value.dump().size();
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

bool storable(const Json& value) { return nested_within_limit(value) && written_size(value); }

bool nested_within_limit(const Json& value) {
  std::vector<std::pair<const Json*, std::size_t>> open = {{&value, 0}};
  while (!open.empty()) {
    const auto [at, depth] = open.back();
    open.pop_back();
    if (!at->is_structured()) continue;
    if (depth >= kDeepest) return false;
    for (const Json& member : *at)
      if (member.is_structured()) open.emplace_back(&member, depth + 1);
  }
  return true;
}

std::string cut_text(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

Verdict<Proposal> read_proposal(const EntryReply& reply, double limit_seconds) {
  if (!reply.value) {
    if (std::holds_alternative<TimedOut>(reply.outcome))
      return Refusal{"timed_out", "improve " + describe(RunOutcome(TimedOut{limit_seconds}))};
    return Refusal{"crashed", "improve " + (succeeded(reply.outcome) ? "ended without returning a result" : describe(reply.outcome))};
  }
  const Json& value = *reply.value;
  if (!storable(value)) return Refusal{"malformed", "the proposal is nested too deeply or is not UTF-8 text"};
  if (!value.is_object() || !value.contains("edits") || !value["edits"].is_array())
    return Refusal{"malformed", "the proposal is not an object with a list of edits"};
  Proposal proposal;
  proposal.edits = value["edits"];
  if (auto reason = value.find("reason"); reason != value.end()) {
    if (!reason->is_string()) return Refusal{"malformed", "the proposal's reason is not a text"};
    proposal.reason = cut_text(reason->get<std::string>(), kReasonBytes);
  }
  if (auto memory = value.find("memory"); memory != value.end()) proposal.memory = *memory;
  if (proposal.edits.empty()) return Refusal{"no_edits", proposal.reason.empty() ? "the proposal has no edits" : proposal.reason};
  if (proposal.edits.size() > kMostEdits || written_size(proposal.edits) > kEditBytes)
    return Refusal{"limit", "the proposal has more than 256 edits or 1 MiB of them"};
  if (written_size(proposal.memory) > kMemoryBytes) return Refusal{"limit", "the proposal's memory is over 64 KiB"};
  return proposal;
}

}  // namespace hyperagent
