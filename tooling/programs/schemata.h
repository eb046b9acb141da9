// A mutant schema: one copy of a program that holds many single edits, one of which is switched on by number when it runs.
//
// Theory of operation. A variant of its own costs the compiler a copy of the declaration it changes and of everything behind it; in a schema it costs
// one more branch at the smallest slot that holds the edit:
//
//   Before   if (i < n) total = total + i;              edits: `<` to `<=` (number 1), `+` to `-` (number 2)
//   After    if ((!in(1, 1) ? static_cast<bool>(i < n) : static_cast<bool>(i <= n)))
//              { if (!in(2, 2)) { total = total + i; } else { total = total - i; } }
//
// (R. Untch, A. J. Offutt, M. J. Harrold, "Mutation analysis using mutant schemata", ISSTA 1993.) An edit outside every slot, in a declaration, a case
// label or a constant expression, is placed nowhere and must be compiled as a variant of its own, and so must one that compiles only alone.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <clang/Frontend/FrontendAction.h>
#include "tooling/programs/assemble.h"

namespace hyperagent::programs {

// Text that takes the place of `length` bytes at `offset` of a program.
struct TextEdit {
  std::size_t offset = 0, length = 0;
  std::string text;
};

// A stretch of a program that can be replaced as a whole while it runs. An insertion stands between two statements; a statement slot holds one or more
// whole statements; a condition is converted to bool; the value of a discarded expression is not used; an initializer is a local variable's; a value is of an
// arithmetic type that every choice must have; a converted value changes its type at once, so a choice may be of any like type.
struct Slot {
  enum Form { kInsertion, kStatement, kCondition, kDiscarded, kInitializer, kValue, kConverted };
  Form form;
  std::size_t begin, end;  // bytes of the program
  std::string type;        // kInitializer: what a choice is converted to, "" for a deduced type; kValue: "" for an enumeration
  bool deduces = false;    // a statement that a lambda's result type may be deduced from
};

// A block of statements: neighbours can form a slot together.
struct Block {
  struct Child {
    std::size_t begin, end;
    bool plain;  // neither declares a name nor carries a case label
  };
  std::size_t open, close;  // just behind `{`, and at `}`
  std::vector<Child> children;
};

struct Slots {
  std::vector<Slot> slots;  // of single expressions and statements, outer before inner
  std::vector<Block> blocks;
};

// A syntax-only action that fills `out` for a unit of one piece.
std::unique_ptr<clang::FrontendAction> slots_action(const Unit& unit, Slots& out);

class Schema {
 public:
  Schema() = default;
  // `edits` in the order of their variants.
  Schema(std::string source, std::vector<TextEdit> edits, const Slots& slots);

  bool holds(std::size_t variant) const { return variant < place_.size() && place_[variant].has_value(); }
  bool empty() const;
  void drop(std::size_t variant) { place_[variant].reset(); }
  // Whether an error in this variant's choice may be due to the schema: its type may differ where it stands alone.
  bool may_compile_alone(std::size_t variant) const {
    const Slot& slot = slots_[*place_[variant]];
    return slot.form == Slot::kValue || slot.form == Slot::kConverted || slot.deduces;
  }
  // Appends the program with every edit it holds to `unit`, as a piece with marks; variants are numbered from 1, those of a slot in a row.
  void write(Unit& unit);
  int number(std::size_t variant) const { return numbers_[variant]; }

 private:
  void write_range(Unit& unit, std::size_t begin, std::size_t end, std::size_t& next);
  void write_insertions(Unit& unit, const std::vector<std::size_t>& held);
  void write_statements(Unit& unit, const Slot& slot, const std::vector<std::size_t>& held, std::size_t& next);
  void write_choices(Unit& unit, const Slot& slot, const std::vector<std::size_t>& held, std::size_t& next);
  void write_choice(Unit& unit, const Slot& slot, std::size_t variant, const std::string& open, const std::string& close);
  std::string none_of(const std::vector<std::size_t>& held);
  std::string is(std::size_t variant) const;

  std::string source_;
  std::vector<TextEdit> edits_;
  std::vector<Slot> slots_;                        // those that edits were placed in
  std::vector<std::optional<std::size_t>> place_;  // by variant
  std::vector<std::size_t> order_;                 // of slots in the text, outer before inner
  std::vector<std::vector<std::size_t>> held_;     // by slot: its variants, of the last write
  std::vector<int> numbers_;                       // by variant, of the last write
  int last_number_ = 0;
};

}  // namespace hyperagent::programs
