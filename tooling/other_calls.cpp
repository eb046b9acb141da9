#include "tooling/other_calls.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>

namespace hyperagent::tooling {
namespace {

using Words = std::vector<std::string>;

bool same_type(clang::QualType a, clang::QualType b) { return a.getCanonicalType() == b.getCanonicalType(); }

class OtherCalls {
 public:
  OtherCalls(const Site& site, const Function& function)
      : site_(site),
        function_(function),
        context_(function.context()),
        call_(llvm::cast<clang::CallExpr>(site.node)),
        callee_(call_->getDirectCallee()) {
    for (const clang::Expr* argument : call_->arguments())
      if (!llvm::isa<clang::CXXDefaultArgExpr>(argument)) arguments_.push_back(argument->IgnoreUnlessSpelledInSource());
    whole_ = range_of(call_, context_, false);
  }

  Words find(const Blocks& blocks) {
    const clang::Expr* named = call_->getCallee()->IgnoreUnlessSpelledInSource();
    if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(named)) {
      add_functions(blocks, name);
      add_alike(name);
    }
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(named)) add_members(member);
    if (!callee_->isInStdNamespace()) add_swaps();
    return std::move(codes_);
  }

 private:
  std::string text(const clang::Stmt* node) const { return text_of(range_of(node, context_, false), context_); }

  struct Change {
    clang::CharSourceRange range;
    std::string text;
  };
  // The call with these parts written otherwise, in source order.
  void add(const std::vector<Change>& changes) {
    const auto& sources = context_.getSourceManager();
    const std::string old = text_of(whole_, context_);
    const unsigned begin = sources.getFileOffset(whole_.getBegin());
    std::string code;
    unsigned at = 0;
    for (const Change& change : changes) {
      if (change.range.isInvalid()) return;
      code += old.substr(at, sources.getFileOffset(change.range.getBegin()) - begin - at) + change.text;
      at = sources.getFileOffset(change.range.getEnd()) - begin;
    }
    codes_.push_back(code + old.substr(at));
  }

  void rename(clang::SourceLocation begin, clang::SourceLocation end, const std::string& name) {
    add({{clang::Lexer::makeFileCharRange(clang::CharSourceRange::getTokenRange(begin, end), context_.getSourceManager(),
                                          context_.getLangOpts()),
          name}});
  }

  bool result_fits(clang::QualType result) const {
    if (call_->isLValue()) return same_type(result, callee_->getReturnType());
    const std::string key = type_key(result);
    return site_.exact ? key == site_.type : fits(key, site_.type);
  }

  void add_functions(const Blocks& blocks, const clang::DeclRefExpr* name) {
    for (const Block& block : blocks.all()) {
      if (block.decl->getCanonicalDecl() == callee_->getCanonicalDecl() || block.name == spelled_name(callee_)) continue;
      if (block.parameters.size() == arguments_.size() && result_fits(block.decl->getReturnType()) && takes_arguments(block))
        rename(name->getBeginLoc(), name->getEndLoc(), block.name);
    }
  }

  bool takes_arguments(const Block& block) const {
    for (unsigned i = 0; i < arguments_.size(); ++i) {
      if (i >= callee_->getNumParams()) return false;
      const clang::QualType now = callee_->getParamDecl(i)->getType(), then = block.decl->getParamDecl(i)->getType();
      const Parameter& parameter = block.parameters[i];
      const auto& words = parameter.choices;
      if (parameter.only_choices && std::find(words.begin(), words.end(), text(arguments_[i])) == words.end()) return false;
      if (parameter.mutable_reference ? !same_type(now, then)
                                      : type_key(now) != parameter.type && !fits(type_key(arguments_[i]->getType()), parameter.type))
        return false;
    }
    return true;
  }

  void add_alike(const clang::DeclRefExpr* name) {
    static const std::vector<Words> kAlike = {{"max", "min"},
                                              {"floor", "ceil", "round", "trunc"},
                                              {"sin", "cos"},
                                              {"any_of", "all_of", "none_of"},
                                              {"min_element", "max_element"}};
    if (!callee_->isInStdNamespace() || !name->hasQualifier()) return;
    const std::string own = callee_->getNameAsString();
    for (const Words& words : kAlike)
      if (std::find(words.begin(), words.end(), own) != words.end())
        for (const std::string& word : words)
          if (word != own) rename(name->getLocation(), name->getLocation(), word);
  }

  void add_members(const clang::MemberExpr* member) {
    const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(callee_);
    const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(call_);
    // A class of the library has dozens of members, and the precompiled header would have to be searched for them.
    if (method == nullptr || call == nullptr || method->isInStdNamespace() || !method->getDeclName().isIdentifier()) return;
    const bool within = llvm::isa<clang::CXXMethodDecl>(function_.decl) && function_.decl->getDeclContext() == method->getDeclContext();
    Words known = {method->getNameAsString()};
    for (const clang::CXXMethodDecl* other : method->getParent()->methods()) {
      if (!other->getDeclName().isIdentifier() || other->isDeleted() || other->isStatic() || other->getRefQualifier() != clang::RQ_None ||
          (other->getAccess() != clang::AS_public && !within))
        continue;
      if (call->getObjectType().isConstQualified() && !other->isConst()) continue;
      const bool takes = std::equal(other->param_begin(), other->param_end(), method->param_begin(), method->param_end(),
                                    [](const auto* a, const auto* b) { return same_type(a->getType(), b->getType()); });
      if (!takes || arguments_.size() != other->getNumParams() || !result_fits(other->getReturnType())) continue;
      if (std::find(known.begin(), known.end(), other->getNameAsString()) != known.end()) continue;
      known.push_back(other->getNameAsString());
      rename(member->getMemberLoc(), member->getMemberLoc(), known.back());
    }
  }

  void add_swaps() {
    for (unsigned i = 0; i < arguments_.size(); ++i)
      for (unsigned j = i + 1; j < arguments_.size() && j < callee_->getNumParams(); ++j) {
        const std::string first = text(arguments_[i]), second = text(arguments_[j]);
        const bool vocabulary = is_vocabulary(i) || is_vocabulary(j);
        if (vocabulary || first == second || !same_type(callee_->getParamDecl(i)->getType(), callee_->getParamDecl(j)->getType())) continue;
        add({{range_of(arguments_[i], context_, false), second}, {range_of(arguments_[j], context_, false), first}});
      }
  }

  bool is_vocabulary(unsigned i) const { return parameter_of(callee_->getParamDecl(i), {}).of_vocabulary; }

  const Site& site_;
  const Function& function_;
  const clang::ASTContext& context_;
  const clang::CallExpr* call_;
  const clang::FunctionDecl* callee_;
  std::vector<const clang::Expr*> arguments_;
  clang::CharSourceRange whole_;
  Words codes_;
};

}  // namespace

std::vector<std::string> other_calls(const Site& site, const Function& function, const Blocks& blocks) {
  return OtherCalls(site, function).find(blocks);
}

}  // namespace hyperagent::tooling
