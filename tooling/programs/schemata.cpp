#include "tooling/programs/schemata.h"

#include <algorithm>
#include <numeric>

namespace hyperagent::programs {
namespace {

bool within(const TextEdit& edit, std::size_t begin, std::size_t end) { return begin <= edit.offset && edit.offset + edit.length <= end; }

bool value(const Slot& slot) { return slot.form == Slot::kValue || slot.form == Slot::kConverted; }

// Statements, conditions and initializers take any edit inside them; among values the types must agree, so they come second.
const Slot* smallest(const Slots& from, const TextEdit& edit, bool values) {
  const Slot* best = nullptr;
  for (const Slot& slot : from.slots)
    if (value(slot) == values && within(edit, slot.begin, slot.end) && (best == nullptr || slot.end - slot.begin < best->end - best->begin)) best = &slot;
  return best;
}

const Block* smallest_block(const Slots& from, const TextEdit& edit) {
  const Block* best = nullptr;
  for (const Block& block : from.blocks)
    if (within(edit, block.open, block.close) && (best == nullptr || block.close - block.open < best->close - best->open)) best = &block;
  return best;
}

std::optional<Slot> insertion_in(const Block& block, const TextEdit& edit) {
  const bool between = edit.offset == block.open || edit.offset == block.close ||
                       std::any_of(block.children.begin(), block.children.end(), [&](const Block::Child& child) { return child.begin == edit.offset; });
  if (edit.length > 0 || !between) return std::nullopt;
  return Slot{Slot::kInsertion, edit.offset, edit.offset, ""};
}

// The neighbouring statements that the edit touches.
std::optional<Slot> run_in(const Block& block, const TextEdit& edit) {
  std::optional<Slot> run;
  for (const Block::Child& child : block.children) {
    if (child.end <= edit.offset || child.begin >= edit.offset + edit.length) continue;
    if (!child.plain) return std::nullopt;
    if (!run) run = Slot{Slot::kStatement, child.begin, child.end, ""};
    run->end = child.end;
  }
  if (!run || !within(edit, run->begin, run->end)) return std::nullopt;
  return run;
}

std::optional<Slot> slot_for(const Slots& from, const TextEdit& edit) {
  const Block* block = smallest_block(from, edit);
  if (block != nullptr) if (auto insertion = insertion_in(*block, edit)) return insertion;
  if (const Slot* slot = smallest(from, edit, false)) return *slot;
  if (const Slot* slot = smallest(from, edit, true)) return *slot;
  return block == nullptr ? std::nullopt : run_in(*block, edit);
}

bool cross(const Slot& a, const Slot& b) {
  return (a.begin < b.begin && b.begin < a.end && a.end < b.end) || (b.begin < a.begin && a.begin < b.end && b.end < a.end);
}

}  // namespace

Schema::Schema(std::string source, std::vector<TextEdit> edits, const Slots& slots)
    : source_(std::move(source)), edits_(std::move(edits)), place_(edits_.size()), numbers_(edits_.size(), 0) {
  for (std::size_t variant = 0; variant < edits_.size(); ++variant) {
    const auto wanted = slot_for(slots, edits_[variant]);
    if (!wanted) continue;
    const auto known = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.begin == wanted->begin && slot.end == wanted->end; });
    if (known != slots_.end()) {
      place_[variant] = known - slots_.begin();
    } else if (std::none_of(slots_.begin(), slots_.end(), [&](const Slot& slot) { return cross(slot, *wanted); })) {
      place_[variant] = slots_.size();
      slots_.push_back(*wanted);
    }
  }
  order_.resize(slots_.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    const Slot &x = slots_[a], &y = slots_[b];
    if (x.begin != y.begin) return x.begin < y.begin;
    if ((x.form == Slot::kInsertion) != (y.form == Slot::kInsertion)) return x.form == Slot::kInsertion;  // in front of what stands there
    return x.end > y.end;
  });
}

bool Schema::empty() const {
  return std::none_of(place_.begin(), place_.end(), [](const auto& slot) { return slot.has_value(); });
}

void Schema::write(Unit& unit) {
  held_.assign(slots_.size(), {});
  Piece whole;
  for (std::size_t variant = 0; variant < edits_.size(); ++variant) {
    if (!place_[variant]) continue;
    held_[*place_[variant]].push_back(variant);
    whole.variants.push_back(variant);
  }
  last_number_ = 0;
  unit.text += "namespace ha_schema {\n";
  whole.begin = unit.text.size();
  std::size_t next = 0;
  write_range(unit, 0, source_.size(), next);
  whole.end = unit.text.size();
  unit.text += "\n}\n";
  unit.pieces.push_back(std::move(whole));
}

// Copies [begin, end) of the program, its slots from order_[next] on filled.
void Schema::write_range(Unit& unit, std::size_t begin, std::size_t end, std::size_t& next) {
  std::size_t at = begin;
  while (next < order_.size() && slots_[order_[next]].begin < end) {
    const std::size_t index = order_[next++];
    const Slot& slot = slots_[index];
    if (held_[index].empty()) continue;  // its inner slots follow and are written as if it were not there
    const std::vector<std::size_t>& held = held_[index];
    for (const std::size_t variant : held) numbers_[variant] = ++last_number_;
    unit.text.append(source_, at, slot.begin - at);
    at = slot.end;
    const std::size_t start = unit.text.size();
    if (slot.form == Slot::kInsertion) write_insertions(unit, held);
    else if (slot.form == Slot::kStatement) write_statements(unit, slot, held, next);
    else write_choices(unit, slot, held, next);
    unit.marks.push_back({start, unit.text.size(), held, false});
  }
  unit.text.append(source_, at, end - at);
}

void Schema::write_insertions(Unit& unit, const std::vector<std::size_t>& held) {
  unit.unmetered.insert(unit.text.size());
  unit.text += "if (" + none_of(held) + ") {}";
  for (const std::size_t variant : held) {
    unit.text += " else ";
    unit.unmetered.insert(unit.text.size());
    unit.text += "if (" + is(variant) + ") {";
    const std::size_t start = unit.text.size();
    unit.text += edits_[variant].text;
    unit.marks.push_back({start, unit.text.size(), {variant}, true});
    unit.text += "}";
  }
  unit.text += " ";
}

// In braces of its own: it may stand where one statement is expected, before an `else`.
void Schema::write_statements(Unit& unit, const Slot& slot, const std::vector<std::size_t>& held, std::size_t& next) {
  unit.unmetered.insert(unit.text.size());
  unit.text += "{";
  unit.unmetered.insert(unit.text.size());
  unit.text += "if (" + none_of(held) + ") {";
  write_range(unit, slot.begin, slot.end, next);
  unit.text += "}";
  for (const std::size_t variant : held) {
    unit.text += " else ";
    unit.unmetered.insert(unit.text.size());
    unit.text += "if (" + is(variant) + ") ";
    write_choice(unit, slot, variant, "{", "}");
  }
  unit.text += "}";
}

void Schema::write_choices(Unit& unit, const Slot& slot, const std::vector<std::size_t>& held, std::size_t& next) {
  const std::string original = source_.substr(slot.begin, slot.end - slot.begin);
  std::string open = "(", same = "(";  // around the original and around a choice
  if (slot.form == Slot::kCondition) open = same = "static_cast<bool>(";
  if (slot.form == Slot::kDiscarded) open = same = "static_cast<void>(";
  if (slot.form == Slot::kInitializer) open = same = "static_cast<" + (slot.type.empty() ? "std::decay_t<decltype((" + original + "))>" : slot.type) + ">(";
  if (slot.form == Slot::kValue && !slot.type.empty()) same = "::ha_harness::same<" + slot.type + ">(";
  if (slot.form == Slot::kConverted) same = "::ha_harness::like<" + slot.type + ">(";
  unit.text += "(" + none_of(held) + " ? " + open;
  write_range(unit, slot.begin, slot.end, next);
  unit.text += ")";
  for (const std::size_t variant : held) {
    unit.text += " : " + (variant == held.back() ? "" : is(variant) + " ? ");
    write_choice(unit, slot, variant, same, ")");
  }
  unit.text += ")";
}

// The slot's own text with the edit in it, marked.
void Schema::write_choice(Unit& unit, const Slot& slot, std::size_t variant, const std::string& open, const std::string& close) {
  const TextEdit& edit = edits_[variant];
  const std::size_t start = unit.text.size(), behind = edit.offset + edit.length;
  unit.text += open;
  unit.text.append(source_, slot.begin, edit.offset - slot.begin);
  unit.text += edit.text;
  unit.text.append(source_, behind, slot.end - behind);
  unit.text += close;
  unit.marks.push_back({start, unit.text.size(), {variant}, true});
}

std::string Schema::none_of(const std::vector<std::size_t>& held) {
  return "!::ha_harness::in(" + std::to_string(numbers_[held.front()]) + ", " + std::to_string(numbers_[held.back()]) + ")";
}

std::string Schema::is(std::size_t variant) const { return "::ha_harness::is(" + std::to_string(numbers_[variant]) + ")"; }

}  // namespace hyperagent::programs
