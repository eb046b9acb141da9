// Operations on single statements and expressions.
#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Lex/Lexer.h>

#include "tooling/edit_code.h"
#include "tooling/edit_target.h"

namespace hyperagent::tooling {
namespace {

// Where code goes that is inserted at a spot, and the code with the line break that parts it from its neighbour.
Verdict<NewText> insertion(const Spot& spot, const std::string& where, const std::string& code) {
  if (where == "before") return NewText{{spot.place.file, spot.place.offset, 0}, code + "\n"};
  if (where == "after") return NewText{{spot.place.file, spot.place.offset + spot.place.length, 0}, "\n" + code};
  const auto* block = llvm::dyn_cast<clang::CompoundStmt>(spot.node);
  if (block == nullptr) return Refusal{refusal::kNotApplicable, "\"begin\" and \"end\" need the path of a block"};
  if (where == "begin") return NewText{{spot.place.file, spot.place.offset + 1, 0}, "\n" + code};
  return NewText{{spot.place.file, spot.place.offset + spot.place.length - 1, 0}, code + "\n"};
}

bool beside(const std::string& where) { return where == "before" || where == "after"; }

Verdict<Plan> replaced(const Verdict<Spot>& found, const std::string& code) {
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  return plan_of(std::get<Spot>(found).place, code);
}

}  // namespace

Verdict<Plan> prepare_replace_node(const Request& request) {
  auto found = spot_of(request, "path", false);
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  Spot spot = std::get<Spot>(std::move(found));
  if (!llvm::isa<clang::Expr>(spot.node)) {  // a statement goes with its semicolon
    const clang::ASTContext& context = request.program.context(spot.function.file);
    spot.place = place_of(spot.function.file, range_of(spot.node, context, true), context.getSourceManager());
  }
  return plan_of(spot.place, request.code());
}

Verdict<Plan> prepare_set_literal(const Request& request) {
  const std::string value = request.text("value");
  auto found = spot_of(request, "path", false);
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  const Spot& spot = std::get<Spot>(found);
  Plan plan = plan_of(spot.place, value);
  if (!llvm::isa<clang::IntegerLiteral, clang::FloatingLiteral, clang::StringLiteral, clang::CharacterLiteral, clang::CXXBoolLiteralExpr>(
          spot.node))
    plan.apply = [text = spot.text()]() -> Verdict<Changes> { return Refusal{refusal::kNotApplicable, "'" + text + "' is not a literal"}; };
  return plan;
}

Verdict<Plan> prepare_insert_statement(const Request& request) {
  const std::string where = request.text("where");
  auto found = spot_of(request, "path", beside(where));
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  auto text = insertion(std::get<Spot>(found), where, request.code());
  if (auto* refused = std::get_if<Refusal>(&text)) return *refused;
  return plan_of({std::get<NewText>(text)});
}

Verdict<Plan> prepare_delete_statement(const Request& request) { return replaced(spot_of(request, "path", true), ""); }

// Before   f(); g();   {"path": "1", "to": "0", "where": "before"}   After   g(); f();
Verdict<Plan> prepare_move_statement(const Request& request) {
  const std::string where = request.text("where");
  auto from = spot_of(request, "path", true);
  if (auto* refused = std::get_if<Refusal>(&from)) return *refused;
  auto to = spot_of(request, "to", beside(where));
  if (auto* refused = std::get_if<Refusal>(&to)) return *refused;
  const std::string path = request.text("path"), target = request.text("to");
  if (target == path || target.starts_with(path + "."))
    return Refusal{refusal::kNotApplicable, "a statement cannot be moved into or beside itself"};
  auto text = insertion(std::get<Spot>(to), where, std::get<Spot>(from).text());
  if (auto* refused = std::get_if<Refusal>(&text)) return *refused;
  return plan_of({{std::get<Spot>(from).place, ""}, std::get<NewText>(text)});
}

Verdict<Plan> prepare_swap_statements(const Request& request) {
  auto first = spot_of(request, "path", true);
  if (auto* refused = std::get_if<Refusal>(&first)) return *refused;
  auto second = spot_of(request, "with", true);
  if (auto* refused = std::get_if<Refusal>(&second)) return *refused;
  const Spot &one = std::get<Spot>(first), &other = std::get<Spot>(second);
  if (one.node == other.node) return Refusal{refusal::kNotApplicable, "a statement cannot be swapped with itself"};
  return plan_of({{one.place, other.text()}, {other.place, one.text()}});
}

Verdict<Plan> prepare_wrap_statement(const Request& request) {
  auto found = spot_of(request, "path", true);
  if (auto* refused = std::get_if<Refusal>(&found)) return *refused;
  const std::string code = request.code();
  const std::string hole = "$statement";
  const std::size_t place = code.find(hole);
  if (place == std::string::npos || code.find(hole, place + 1) != std::string::npos)
    return Refusal{refusal::kMalformed, "the code of wrap_statement needs $statement once"};
  const std::vector<std::string> pieces = {code.substr(0, place), std::get<Spot>(found).text(), code.substr(place + hole.size())};
  if (!is_joined(pieces)) return Refusal{refusal::kMalformed, "$statement must stand for itself, in no comment, literal or word"};
  return plan_of(std::get<Spot>(found).place, pieces[0] + pieces[1] + pieces[2]);
}

}  // namespace hyperagent::tooling
