#include "tooling/programs/mutators.h"

#include <algorithm>

#include "tooling/programs/walk.h"

namespace hyperagent::programs {
namespace {

using Family = std::vector<std::string>;
// Operator families of mutation testing (Mothra's ROR, AOR, LCR and its successors) and of template-based repair (PAR, SPR).
const Family kComparisons = {"<", "<=", ">", ">=", "==", "!="};
const std::vector<Family> kOperators = {kComparisons, {"+", "-", "*", "/", "%"}, {"&&", "||"}, {"&", "|", "^"}, {"<<", ">>"},
                                        {"=", "+=", "-=", "*="}, {"&=", "|=", "^="}, {"<<=", ">>="}, {"/=", "%=", "*="}};
// Names commonly taken for one another; each may replace the others of its row.
const std::vector<Family> kNames = {{"min", "max"}, {"floor", "ceil", "round", "trunc"}, {"front", "back"}, {"begin", "end"}, {"rbegin", "rend"},
    {"push_back", "push_front"}, {"pop_back", "pop_front"}, {"lower_bound", "upper_bound"}, {"find", "rfind"}, {"find_first_of", "find_last_of", "find_first_not_of", "find_last_not_of"},
    {"islower", "isupper"}, {"tolower", "toupper"}, {"isalpha", "isalnum", "isdigit", "isspace", "ispunct"}, {"all_of", "any_of", "none_of"},
    {"min_element", "max_element"}, {"sort", "stable_sort"}, {"floor", "ceil"}, {"first", "second"}, {"less", "greater"}};

std::string kind_of(const std::string& op) {
  if (std::find(kComparisons.begin(), kComparisons.end(), op) != kComparisons.end()) return "comparison";
  if (op == "&&" || op == "||") return "logical";
  if (op.back() == '=') return "assignment";
  return "arithmetic";
}

class Generate : public Walk<Generate> {
 public:
  Generate(clang::ASTContext& context, const std::string& text, long long begin, long long end, const Facts& facts)
      : Walk(context, text, begin, end), facts_(facts) {}
  std::vector<Edit> edits;

  bool VisitBinaryOperator(clang::BinaryOperator* e) {
    operators(e->getOperatorLoc(), e->getOpcodeStr().str());
    const std::string l = source(e->getLHS()), r = source(e->getRHS());
    if (l.empty() || r.empty()) return true;
    if (e->getOpcode() == clang::BO_Assign && number(e->getType())) {
      off_by_one(e->getRHS(), 1);
      for (const char* name : {"max", "min"}) replace(e, l + " = std::" + name + "<std::decay_t<decltype(" + l + ")>>(" + l + ", " + r + ")", "wrap", 2);
    } else if (e->isLogicalOp()) {
      regroup(e);
      replace(e, l, "logical", 1);
      replace(e, r, "logical", 1);
    } else if (e->isAdditiveOp() || e->isMultiplicativeOp()) {
      regroup(e);
      replace(e, l, "operand_delete", 1);
      if (e->getOpcode() != clang::BO_Div && e->getOpcode() != clang::BO_Rem) replace(e, r, "operand_delete", 2);
      if (e->getOpcode() == clang::BO_Sub || e->isMultiplicativeOp()) {
        if (e->getOpcode() != clang::BO_Mul) replace(e, group(e->getRHS()) + " " + e->getOpcodeStr().str() + " " + group(e->getLHS()), "operand_swap", 2);
      }
      if (integral(e->getType())) {
        if (e->getOpcode() == clang::BO_Div) {
          replace(e, "(static_cast<double>(" + l + ") / (" + r + "))", "cast", 2);
          replace(e, "((" + l + ") + (" + r + ") - 1) / (" + r + ")", "arithmetic", 2);
        }
        if (e->getOpcode() == clang::BO_Mul || e->getOpcode() == clang::BO_Add) replace(e, "(static_cast<long long>(" + l + ") " + e->getOpcodeStr().str() + " (" + r + "))", "cast", 2);
        if (e->getOpcode() == clang::BO_Rem) replace(e, "((" + l + ") % (" + r + ") + (" + r + ")) % (" + r + ")", "arithmetic", 2);
      }
    } else if (e->isComparisonOp()) {
      off_by_one(e->getRHS(), 1);
      off_by_one(e->getLHS(), 2);
    }
    return true;
  }
  bool VisitCXXOperatorCallExpr(clang::CXXOperatorCallExpr* e) {
    if (e->getOperator() == clang::OO_Subscript && e->getNumArgs() == 2) {
      off_by_one(e->getArg(1), 1);
      swap_subscripts(e);
    } else if (e->getNumArgs() == 2 && e->isInfixBinaryOp()) {
      operators(e->getOperatorLoc(), clang::getOperatorSpelling(e->getOperator()));
      if (e->getOperator() == clang::OO_Plus) {
        replace(e, source(e->getArg(0)), "operand_delete", 1);
        replace(e, source(e->getArg(1)), "operand_delete", 1);
        replace(e, group(e->getArg(1)) + " + " + group(e->getArg(0)), "operand_swap", 1);
      }
    }
    return true;
  }
  bool VisitArraySubscriptExpr(clang::ArraySubscriptExpr* e) { off_by_one(e->getIdx(), 1); return true; }
  bool VisitUnaryOperator(clang::UnaryOperator* e) {
    const std::string inner = source(e->getSubExpr());
    if (inner.empty()) return true;
    switch (e->getOpcode()) {
      case clang::UO_LNot: replace(e, inner, "negation", 1); break;
      case clang::UO_Minus: case clang::UO_Not: replace(e, inner, "arithmetic", 1); break;
      case clang::UO_PreInc: replace(e, "--" + inner, "arithmetic", 1); break;
      case clang::UO_PreDec: replace(e, "++" + inner, "arithmetic", 1); break;
      case clang::UO_PostInc: replace(e, inner + "--", "arithmetic", 1); replace(e, "++" + inner, "arithmetic", 2); break;
      case clang::UO_PostDec: replace(e, inner + "++", "arithmetic", 1); replace(e, "--" + inner, "arithmetic", 2); break;
      default: break;
    }
    return true;
  }
  bool VisitIntegerLiteral(clang::IntegerLiteral* e) {
    if (e->getValue().getActiveBits() > 62) return true;
    const long long value = static_cast<long long>(e->getValue().getZExtValue());
    for (const long long other : {value + 1, value - 1, 0ll, 1ll}) replace(e, std::to_string(other), "constant", 1);
    if (value != 0) replace(e, "-" + std::to_string(value), "constant", 2);
    if (value > 2) {
      replace(e, std::to_string(value * 2), "constant", 2);
      replace(e, std::to_string(value / 2), "constant", 2);
      replace(e, std::to_string(value * 10), "constant", 3);
    }
    variables(e, e->getType(), 3, "constant");
    return true;
  }
  bool VisitFloatingLiteral(clang::FloatingLiteral* e) {
    const std::string text = source(e);
    for (const char* other : {"0.0", "1.0", "0.5", "2.0"}) replace(e, other, "constant", 1);
    replace(e, "(" + text + " + 1)", "constant", 2);
    replace(e, "(" + text + " * 10)", "constant", 3);
    replace(e, "(" + text + " / 10)", "constant", 3);
    return true;
  }
  bool VisitCXXBoolLiteralExpr(clang::CXXBoolLiteralExpr* e) {
    replace(e, e->getValue() ? "false" : "true", "constant", 1);
    variables(e, e->getType(), 2, "constant");
    return true;
  }
  bool VisitCharacterLiteral(clang::CharacterLiteral* e) {
    const unsigned value = e->getValue();
    for (const unsigned other : {value + 1, value - 1, value ^ 32u}) {
      if (other < 127 && std::isalnum(static_cast<int>(other)) && std::isalnum(static_cast<int>(value))) replace(e, std::string("'") + static_cast<char>(other) + "'", "constant", 1);
    }
    for (const std::string& other : characters()) replace(e, other, "constant", 3);
    return true;
  }
  bool VisitStringLiteral(clang::StringLiteral* e) {
    replace(e, e->getLength() == 0 ? "\" \"" : "\"\"", "constant", 2);
    return true;
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr* e) {
    const std::string name = source(e);
    if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(e->getDecl())) {
      variables(e, variable->getType(), 2, "variable");
    } else if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(e->getDecl())) {
      for (const clang::FunctionDecl* other : facts_.functions) {
        if (other != function && other->getType().getCanonicalType() == function->getType().getCanonicalType()) replace(e, other->getName().str(), "call", 1);
      }
      if (function->getIdentifier() != nullptr) rename(e->getLocation(), function->getName().str());
    } else if (const auto* constant = llvm::dyn_cast<clang::EnumConstantDecl>(e->getDecl())) {
      for (const clang::EnumConstantDecl* other : llvm::cast<clang::EnumDecl>(constant->getDeclContext())->enumerators())
        if (other != constant) token(e->getLocation(), other->getName().str(), "constant", 2);
    }
    return true;
  }
  bool VisitMemberExpr(clang::MemberExpr* e) {
    if (e->getMemberDecl()->getIdentifier() == nullptr) return true;
    rename(e->getMemberLoc(), e->getMemberDecl()->getName().str());
    if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(e->getMemberDecl()); method != nullptr && offset(method->getLocation()) >= 0) {
      for (const clang::CXXMethodDecl* other : method->getParent()->methods())
        if (other != method && other->getIdentifier() != nullptr && other->getType().getCanonicalType() == method->getType().getCanonicalType())
          token(e->getMemberLoc(), other->getName().str(), "call", 1);
    }
    const auto* field = llvm::dyn_cast<clang::FieldDecl>(e->getMemberDecl());
    if (field == nullptr || offset(field->getLocation()) < 0) return true;
    for (const clang::FieldDecl* other : field->getParent()->fields()) {
      if (other != field && plain(other->getType()) == plain(field->getType())) token(e->getMemberLoc(), other->getName().str(), "member", 2);
    }
    return true;
  }
  bool VisitCallExpr(clang::CallExpr* e) {
    if (llvm::isa<clang::CXXOperatorCallExpr>(e)) return true;
    const auto* callee = e->getDirectCallee();
    const unsigned n = e->getNumArgs();
    if (plain(e->getType())->isUnsignedIntegerType() && !plain(e->getType())->isBooleanType()) replace(e, "static_cast<int>(" + source(e) + ")", "cast", 2);
    for (unsigned i = 0; i < n; ++i) {
      const clang::Expr* argument = e->getArg(i);
      if (llvm::isa<clang::CXXDefaultArgExpr>(argument)) break;
      off_by_one(argument, 1);
      if (i + 1 < n && !llvm::isa<clang::CXXDefaultArgExpr>(e->getArg(i + 1)) && convertible(argument, e->getArg(i + 1))) swap(argument, e->getArg(i + 1), "argument_swap", 1);
      if (convertible(argument, e) && callee != nullptr && !llvm::isa<clang::CXXMemberCallExpr>(e)) replace(e, group(argument), "unwrap", 1);
    }
    return true;
  }
  bool VisitCXXConstructExpr(clang::CXXConstructExpr* e) {
    for (unsigned i = 0; i + 1 < e->getNumArgs(); ++i) {
      if (!llvm::isa<clang::CXXDefaultArgExpr>(e->getArg(i + 1)) && convertible(e->getArg(i), e->getArg(i + 1))) swap(e->getArg(i), e->getArg(i + 1), "argument_swap", 2);
    }
    return true;
  }
  bool VisitConditionalOperator(clang::ConditionalOperator* e) {
    condition(e->getCond());
    swap(e->getTrueExpr(), e->getFalseExpr(), "condition", 1);
    replace(e, group(e->getTrueExpr()), "condition", 2);
    replace(e, group(e->getFalseExpr()), "condition", 2);
    return true;
  }
  // A value that is one off, a type that is too small, a copy where a reference is meant and the other way round.
  bool VisitVarDecl(clang::VarDecl* variable) {
    if (variable->isImplicit()) return true;
    widen(variable->getTypeSourceInfo(), variable->getType());
    if (llvm::isa<clang::ParmVarDecl>(variable)) by_reference(variable);
    if (!variable->hasInit() || llvm::isa<clang::ParmVarDecl>(variable)) return true;
    off_by_one(variable->getInit(), 2);
    if (number(variable->getType())) wrap(variable->getInit());
    return true;
  }
  bool VisitReturnStmt(clang::ReturnStmt* s) {
    const clang::Expr* value = s->getRetValue();
    if (value == nullptr || function_ == nullptr) return true;
    off_by_one(value, 1);
    wrap(value);
    const clang::QualType type = plain(value->getType());
    if (type->isBooleanType()) negate(value, "return_value", 1);
    variables(value, type, 2, "return_value");
    for (const Ingredient& other : facts_.returns) {
      if (other.function == function_ && usable(other, start(value))) replace(value, other.text, "return_value", 2);
    }
    if (!type->isRecordType()) replace(value, "{}", "return_value", 3);
    return true;
  }
  bool VisitIfStmt(clang::IfStmt* s) {
    condition(s->getCond());
    if (s->getElse() != nullptr && after(s->getElse()) >= 0 && start(s->getElse()) >= 0) {
      swap(s->getThen(), s->getElse(), "statement_move", 3);
      token(s->getElseLoc(), "", "keyword", 2);
    } else {
      token(s->getIfLoc(), "while", "keyword", 3);
    }
    return true;
  }
  bool VisitWhileStmt(clang::WhileStmt* s) {
    condition(s->getCond());
    token(s->getWhileLoc(), "if", "keyword", 2);
    return loop(s->getBody());
  }
  bool VisitDoStmt(clang::DoStmt* s) { condition(s->getCond()); return loop(s->getBody()); }
  bool VisitForStmt(clang::ForStmt* s) { condition(s->getCond()); return loop(s->getBody()); }
  bool VisitCXXForRangeStmt(clang::CXXForRangeStmt* s) {
    by_reference(s->getLoopVariable());
    return loop(s->getBody());
  }
  bool VisitBreakStmt(clang::BreakStmt* s) { replace(s, "continue", "keyword", 1); return true; }
  bool VisitContinueStmt(clang::ContinueStmt* s) { replace(s, "break", "keyword", 1); return true; }
  bool VisitCompoundStmt(clang::CompoundStmt* block) {
    const std::vector<const clang::Stmt*> list(block->body_begin(), block->body_end());
    const bool function_body = function_ != nullptr && block == function_->getBody();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const clang::Stmt* s = list[i];
      const long long from = start(s), to = after_statement(s);
      if (from < 0 || to < 0) continue;
      const std::string whole = text_.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
      const bool declares = llvm::isa<clang::DeclStmt, clang::SwitchCase>(s);
      if (!declares) {
        cut(from, to, ";", "statement_delete", 1);
        if (llvm::isa<clang::Expr>(s)) cut(from, from, whole + " ", "statement_duplicate", 3);
      }
      if (i + 1 < list.size() && !llvm::isa<clang::SwitchCase>(list[i + 1]) && !declares) swap_statements(s, list[i + 1]);
      if (llvm::isa<clang::Expr>(s)) move_far(from, to, whole, list, i);
      if (i + 1 < list.size() && llvm::isa<clang::Expr, clang::BreakStmt, clang::ReturnStmt>(s)) into_next(from, to, whole, list[i + 1]);
      if (i > 0 && llvm::isa<clang::Expr, clang::ReturnStmt>(s)) into_previous(from, to, whole, list[i - 1]);
      if (i + 1 == list.size() && llvm::isa<clang::Expr, clang::ReturnStmt>(s)) out_of(block, from, to, whole);
      insert_statements(from);
    }
    const long long close = offset(block->getRBracLoc());
    if (close >= 0 && !(function_body && !list.empty() && llvm::isa<clang::ReturnStmt>(list.back()))) insert_statements(close);
    if (function_body) guards(offset(block->getLBracLoc()) + 1, false);
    return true;
  }

 private:
  void cut(long long from, long long to, const std::string& text, const std::string& kind, int tier) {
    if (from < begin_ || to < from || text.size() > 400) return;
    edits.push_back({from, to - from, text, line(from), kind, tier});
  }
  void replace(const clang::Stmt* s, const std::string& text, const std::string& kind, int tier) {
    if (!text.empty()) cut(start(s), after(s), text, kind, tier);
  }
  void token(clang::SourceLocation at, const std::string& text, const std::string& kind, int tier) {
    const long long from = offset(at);
    if (from >= 0) cut(from, from + clang::Lexer::MeasureTokenLength(at, sources_, context_.getLangOpts()), text, kind, tier);
  }
  void operators(clang::SourceLocation at, const std::string& op) {
    for (const Family& family : kOperators) {
      if (std::find(family.begin(), family.end(), op) == family.end()) continue;
      for (const std::string& other : family) if (other != op) token(at, other, kind_of(op), 1);
    }
  }
  void rename(clang::SourceLocation at, const std::string& name) {
    for (const Family& family : kNames) {
      if (std::find(family.begin(), family.end(), name) == family.end()) continue;
      for (const std::string& other : family) if (other != name) token(at, other, "call", 1);
    }
  }
  std::string group(const clang::Expr* e) const {
    const std::string text = source(e);
    const clang::Expr* bare = e->IgnoreParenImpCasts();
    return llvm::isa<clang::BinaryOperator, clang::ConditionalOperator, clang::CXXOperatorCallExpr>(bare) ? "(" + text + ")" : text;
  }
  bool convertible(const clang::Expr* a, const clang::Expr* b) const {
    const clang::QualType x = plain(a->getType()), y = plain(b->getType());
    return x == y || (x->isArithmeticType() && y->isArithmeticType());
  }
  bool usable(const Ingredient& what, long long at) const {
    return std::all_of(what.uses.begin(), what.uses.end(), [&](const clang::VarDecl* use) {
      // Another variable of the name and type will do: ingredients come from other functions, too.
      return std::any_of(facts_.variables.begin(), facts_.variables.end(), [&](const Variable& v) {
        return v.begin < at && at < v.end && (v.decl == use || (v.name == use->getName() && v.type == plain(use->getType())));
      });
    });
  }
  std::vector<const Variable*> in_scope(long long at) const {
    std::vector<const Variable*> out;
    for (const Variable& v : facts_.variables) if (v.begin < at && at < v.end) out.push_back(&v);
    return out;
  }
  static bool container(const Variable& v) { return container(v.type); }
  static bool container(clang::QualType type) {
    const std::string name = type.getAsString();
    return name.find("std::") != std::string::npos && name.find("pair<") != name.find('<') - 4 && (name.find("vector<") != std::string::npos ||
           name.find("basic_string") != std::string::npos || name.find("deque<") != std::string::npos || name.find("map<") != std::string::npos ||
           name.find("set<") != std::string::npos || name.find("queue<") != std::string::npos || name.find("stack<") != std::string::npos);
  }
  void variables(const clang::Expr* e, clang::QualType type, int tier, const std::string& kind) {
    const long long at = start(e);
    if (at < 0) return;
    for (const Variable* v : in_scope(at)) {
      if (v->type == plain(type) || (integral(v->type) && integral(type))) replace(e, v->name, kind, tier);
    }
  }
  void by_reference(const clang::VarDecl* variable) {
    const long long name = offset(variable->getLocation());
    const clang::QualType type = variable->getType().getNonReferenceType();
    if (name < 0 || type.isConstQualified() || variable->getName().empty() || llvm::isa<clang::DecompositionDecl>(variable)) return;
    const std::size_t mark = text_.find_last_not_of(" ", static_cast<std::size_t>(name) - 1);
    if (mark == std::string::npos) return;
    if (text_[mark] == '&') cut(static_cast<long long>(mark), static_cast<long long>(mark) + 1, "", "cast", 2);
    else if (!type->isFundamentalType()) cut(name, name, "&", "cast", 2);
  }
  void widen(const clang::TypeSourceInfo* written, clang::QualType type) {
    if (written == nullptr) return;
    const auto* builtin = type.getUnqualifiedType()->getAs<clang::BuiltinType>();
    const clang::SourceLocation at = written->getTypeLoc().getUnqualifiedLoc().getBeginLoc();
    const long long from = offset(at);
    if (builtin == nullptr || from < 0 || type->getContainedAutoType() != nullptr) return;
    const std::string name = text_.substr(static_cast<std::size_t>(from), clang::Lexer::MeasureTokenLength(at, sources_, context_.getLangOpts()));
    if (name == "int") token(at, "long long", "cast", 2), token(at, "double", "cast", 3);
    else if (name == "float") token(at, "double", "cast", 2);
    else if (name == "unsigned") token(at, "int", "cast", 2);
    else if (name == "double") token(at, "long long", "cast", 3);
  }
  void off_by_one(const clang::Expr* e, int tier) {
    if (e == nullptr || !integral(e->getType()) || llvm::isa<clang::IntegerLiteral>(e->IgnoreParenImpCasts())) return;
    replace(e, group(e) + " + 1", "off_by_one", tier);
    replace(e, group(e) + " - 1", "off_by_one", tier);
  }
  void wrap(const clang::Expr* e) {
    if (!number(e->getType()) || llvm::isa<clang::IntegerLiteral, clang::FloatingLiteral>(e->IgnoreParenImpCasts())) return;
    const std::string text = source(e);
    if (text.empty()) return;
    replace(e, "std::abs(" + text + ")", "wrap", 2);
    replace(e, "std::max<std::decay_t<decltype(" + text + ")>>(" + text + ", 0)", "wrap", 2);
    for (const Variable* v : in_scope(start(e))) {
      if (!number(v->type) || text == v->name) continue;
      replace(e, "std::min<std::decay_t<decltype(" + text + ")>>(" + text + ", " + v->name + ")", "wrap", 3);
      replace(e, "std::max<std::decay_t<decltype(" + text + ")>>(" + text + ", " + v->name + ")", "wrap", 3);
    }
  }
  void swap(const clang::Stmt* a, const clang::Stmt* b, const std::string& kind, int tier) {
    const long long from = start(a), mid = after(a), next = start(b), to = after(b);
    if (from < 0 || mid < from || next < mid || to < next) return;
    cut(from, to, source(b) + text_.substr(static_cast<std::size_t>(mid), static_cast<std::size_t>(next - mid)) + source(a), kind, tier);
  }
  void swap_statements(const clang::Stmt* a, const clang::Stmt* b) {
    const long long from = start(a), mid = after_statement(a), next = start(b), to = after_statement(b);
    if (from < 0 || mid < from || next < mid || to < next || llvm::isa<clang::DeclStmt>(b)) return;
    const auto part = [&](long long x, long long y) { return text_.substr(static_cast<std::size_t>(x), static_cast<std::size_t>(y - x)); };
    cut(from, to, part(next, to) + part(mid, next) + part(from, mid), "statement_move", 1);
  }
  // Behind each later statement of the block but the next, in front of each earlier one but the one before.
  void move_far(long long from, long long to, const std::string& whole, const std::vector<const clang::Stmt*>& list, std::size_t i) {
    const auto part = [&](long long x, long long y) { return text_.substr(static_cast<std::size_t>(x), static_cast<std::size_t>(y - x)); };
    for (std::size_t k = i + 2; k < list.size() && !llvm::isa<clang::ReturnStmt>(list[k]); ++k) {
      const long long end = after_statement(list[k]);
      if (end > to) cut(from, end, part(to, end) + " " + whole, "statement_move", 3);
    }
    for (std::size_t k = 0; k + 1 < i; ++k) {
      const long long begin = start(list[k]);
      if (begin >= 0 && begin < from) cut(begin, to, whole + " " + part(begin, from), "statement_move", 3);
    }
  }
  // Before: `s; while (c) {...}`   After: `while (c) { s; ...}`
  void into_next(long long from, long long to, const std::string& whole, const clang::Stmt* next) {
    const clang::CompoundStmt* body = body_of(next);
    const long long open = body == nullptr ? -1 : offset(body->getLBracLoc());
    if (open > to) cut(from, open + 1, text_.substr(static_cast<std::size_t>(to), static_cast<std::size_t>(open + 1 - to)) + " " + whole, "statement_move", 2);
  }
  // Before: `while (c) {...} s;`   After: `while (c) {... s; }`
  void into_previous(long long from, long long to, const std::string& whole, const clang::Stmt* previous) {
    const clang::CompoundStmt* body = body_of(previous);
    const long long close = body == nullptr ? -1 : offset(body->getRBracLoc());
    if (close >= 0 && close < from) cut(close, to, " " + whole + text_.substr(static_cast<std::size_t>(close), static_cast<std::size_t>(from - close)), "statement_move", 2);
  }
  void out_of(const clang::CompoundStmt* block, long long from, long long to, const std::string& whole) {
    const long long close = offset(block->getRBracLoc());
    if (close < to || (function_ != nullptr && block == function_->getBody())) return;
    cut(from, close + 1, text_.substr(static_cast<std::size_t>(to), static_cast<std::size_t>(close + 1 - to)) + " " + whole, "statement_move", 1);
  }
  static const clang::CompoundStmt* body_of(const clang::Stmt* s) {
    const clang::Stmt* body = nullptr;
    if (const auto* f = llvm::dyn_cast<clang::ForStmt>(s)) body = f->getBody();
    else if (const auto* w = llvm::dyn_cast<clang::WhileStmt>(s)) body = w->getBody();
    else if (const auto* r = llvm::dyn_cast<clang::CXXForRangeStmt>(s)) body = r->getBody();
    else if (const auto* i = llvm::dyn_cast<clang::IfStmt>(s)) body = i->getElse() != nullptr ? i->getElse() : i->getThen();
    return llvm::dyn_cast_or_null<clang::CompoundStmt>(body);
  }
  void negate(const clang::Expr* e, const std::string& kind, int tier) { replace(e, "!(" + source(e) + ")", kind, tier); }
  void condition(const clang::Expr* e) {
    const long long at = start(e);
    if (e == nullptr || at < 0) return;
    negate(e, "negation", 1);
    const std::string text = source(e);
    for (const Ingredient& other : facts_.conditions) {
      if (other.function != function_ || other.text == text || !usable(other, at)) continue;
      strengthen(e, text, "(" + other.text + ")", 2);
      strengthen(e, text, "!(" + other.text + ")", 3);
    }
    for (const Variable* v : in_scope(at)) {
      if (v->type->isBooleanType()) {
        strengthen(e, text, v->name, 2);
        strengthen(e, text, "!" + v->name, 2);
      } else if (container(*v)) {
        strengthen(e, text, v->name + ".empty()", 3);
        strengthen(e, text, "!" + v->name + ".empty()", 3);
      } else if (integral(v->type)) {
        strengthen(e, text, v->name + " == 0", 3);
        strengthen(e, text, v->name + " > 0", 3);
        strengthen(e, text, v->name + " < 0", 3);
      }
    }
  }
  void strengthen(const clang::Expr* e, const std::string& text, const std::string& with, int tier) {
    replace(e, "(" + text + ") && " + with, "condition", tier);
    replace(e, with + " && (" + text + ")", "condition", 3);
    replace(e, "(" + text + ") || " + with, "condition", tier);
  }
  bool loop(const clang::Stmt* body) {
    const auto* block = llvm::dyn_cast_or_null<clang::CompoundStmt>(body);
    if (block != nullptr && offset(block->getLBracLoc()) >= 0) guards(offset(block->getLBracLoc()) + 1, true);
    return true;
  }
  // A missing base case or a missing skip: `if (C) return R;` at the start of a function, `if (C) continue;` of a loop.
  void guards(long long at, bool in_loop) {
    if (function_ == nullptr || at <= 0) return;
    std::vector<std::string> conditions;
    for (const Ingredient& c : facts_.conditions) {
      if (c.function != function_ || !usable(c, at)) continue;
      conditions.push_back(c.text);
      if (in_loop) conditions.push_back("!(" + c.text + ")");
    }
    for (const Variable* v : in_scope(at)) {
      if (!llvm::isa<clang::ParmVarDecl>(v->decl) && !in_loop) continue;
      if (container(*v)) conditions.push_back(v->name + ".empty()");
      else if (integral(v->type)) for (const char* test : {" == 0", " <= 0", " < 0", " == 1"}) conditions.push_back(v->name + test);
    }
    std::vector<std::string> ends;
    if (in_loop) ends = {"continue", "break"};
    else if (!function_->getReturnType()->isVoidType()) ends.push_back("return {}");
    else ends.push_back("return");
    for (const Ingredient& r : facts_.returns) {
      if (!in_loop && r.function == function_ && usable(r, at)) ends.push_back("return " + r.text);
    }
    for (const std::string& c : conditions) for (const std::string& e : ends) cut(at, at, " if (" + c + ") " + e + ";", "guard", 3);
  }
  // A missing update or reset: a statement of the same function again, or a variable set back to how it began.
  void insert_statements(long long at) {
    for (const Ingredient& s : facts_.statements) {
      if (s.offset != at && usable(s, at)) cut(at, at, s.text + (s.text.back() == '}' ? " " : "; "), "statement_insert", 3);
    }
    for (const Variable* v : in_scope(at)) {
      if (llvm::isa<clang::ParmVarDecl>(v->decl) || v->decl->getType().isConstQualified() || v->decl->getType()->isReferenceType()) continue;
      const clang::Expr* init = v->decl->getInit();
      if (integral(v->type) && init != nullptr && llvm::isa<clang::IntegerLiteral>(init->IgnoreParenImpCasts())) {
        cut(at, at, v->name + " = " + source(init) + "; ", "statement_insert", 3);
        cut(at, at, "++" + v->name + "; ", "statement_insert", 3);
      } else if (container(*v)) {
        cut(at, at, v->name + " = {}; ", "statement_insert", 3);
      }
    }
    const auto* method = llvm::dyn_cast_or_null<clang::CXXMethodDecl>(function_);
    if (method == nullptr || method->isStatic() || method->isConst()) return;
    for (const clang::FieldDecl* field : method->getParent()->fields()) {
      if (container(plain(field->getType()))) cut(at, at, "std::fill(" + field->getNameAsString() + ".begin(), " + field->getNameAsString() + ".end(), typename decltype(" + field->getNameAsString() + ")::value_type{}); ", "statement_insert", 3);
      if (container(plain(field->getType()))) cut(at, at, field->getNameAsString() + " = {}; ", "statement_insert", 3);
    }
  }
  // Parentheses that are missing or too many: `a + b * c` and `(a + b) * c`, `a && b || c` and `a && (b || c)`.
  void regroup(const clang::BinaryOperator* e) {
    const auto* left = llvm::dyn_cast<clang::BinaryOperator>(e->getLHS()->IgnoreImpCasts());
    const auto* right = llvm::dyn_cast<clang::BinaryOperator>(e->getRHS()->IgnoreImpCasts());
    const std::string op = " " + e->getOpcodeStr().str() + " ";
    if (left != nullptr && (left->getOpcode() == clang::BO_Mul || left->getOpcode() == clang::BO_Add))
      replace(e, source(left->getRHS()) + " " + left->getOpcodeStr().str() + " (" + source(left->getLHS()) + op + source(e->getRHS()) + ")", "regroup", 1);
    if (left != nullptr) replace(e, source(left->getLHS()) + " " + left->getOpcodeStr().str() + " (" + source(left->getRHS()) + op + source(e->getRHS()) + ")", "regroup", 1);
    if (right != nullptr) replace(e, "(" + source(e->getLHS()) + op + source(right->getLHS()) + ") " + right->getOpcodeStr().str() + " " + source(right->getRHS()), "regroup", 1);
    if (const auto* inner = llvm::dyn_cast<clang::ParenExpr>(e->getLHS()->IgnoreImpCasts())) replace(inner, source(inner->getSubExpr()), "regroup", 1);
    if (const auto* inner = llvm::dyn_cast<clang::ParenExpr>(e->getRHS()->IgnoreImpCasts())) replace(inner, source(inner->getSubExpr()), "regroup", 1);
  }
  // a[i][j] -> a[j][i]
  void swap_subscripts(const clang::CXXOperatorCallExpr* outer) {
    const auto* inner = llvm::dyn_cast<clang::CXXOperatorCallExpr>(outer->getArg(0)->IgnoreParenImpCasts());
    if (inner != nullptr && inner->getOperator() == clang::OO_Subscript) swap(inner->getArg(1), outer->getArg(1), "index", 1);
  }
  std::vector<std::string> characters() const {
    std::set<std::string> found;
    for (std::size_t i = static_cast<std::size_t>(begin_); i + 2 < static_cast<std::size_t>(end_); ++i) {
      if (text_[i] == '\'' && text_[i + 2] == '\'' && text_[i + 1] != '\\') found.insert(text_.substr(i, 3));
    }
    return {found.begin(), found.end()};
  }

  const Facts& facts_;
};

}  // namespace

std::vector<Edit> collect_edits(clang::ASTContext& context, const std::vector<clang::Decl*>& top, const std::string& text, long long begin, long long end) {
  const Facts facts = gather_facts(context, top, text, begin, end);
  Generate generate(context, text, begin, end, facts);
  for (clang::Decl* decl : top) generate.TraverseDecl(decl);
  return std::move(generate.edits);
}

}  // namespace hyperagent::programs
