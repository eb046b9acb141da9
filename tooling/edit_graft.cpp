// graft: brings a function of another agent in, with the declarations it needs.
//
//   Donor    double mean(double a, double b) { return (a + b) / 2; }   double score(double a) { return mean(a, 1); }
//   Before   double score(double a) { return a; }
//   edit     {"op": "graft", "agent": 7, "function": "score"}
//   After    double mean(double a, double b) { return (a + b) / 2; }   double score(double a) { return mean(a, 1); }
//
// Theory of operation. The donor's declarations that the function reaches are its closure. Each of them is either here already, token for
// token, and so is all it needs: then it is shared. Or its name is free: it is brought. Or the name is taken by something else: then
// the donor's is renamed first (edit_rename.h), on the donor, and the closure is looked at again, so that what is brought behaves as it did
// there and nothing here changes its meaning.
#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/RecursiveASTVisitor.h>

#include <algorithm>
#include <set>

#include "tooling/edit_code.h"
#include "tooling/edit_declarations.h"
#include "tooling/edit_rename.h"
#include "tooling/edit_schema.h"
#include "tooling/edit_target.h"

namespace hyperagent::tooling {
namespace {

constexpr int kMostRenamed = 32;

// The declaration at namespace level that a declaration is part of, the same for all its redeclarations.
const clang::Decl* outermost(const clang::Decl* decl) {
  while (decl != nullptr && !decl->getDeclContext()->isFileContext()) decl = llvm::cast<clang::Decl>(decl->getDeclContext());
  if (decl == nullptr) return nullptr;
  if (const auto* special = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(decl)) decl = special->getSpecializedTemplate();
  if (const clang::TemplateDecl* shell = decl->getDescribedTemplate()) decl = shell;
  if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl))
    if (const auto* shell = function->getPrimaryTemplate()) decl = shell;
  return decl->getCanonicalDecl();
}

// What a declaration refers to, by outermost().
class Needs : public clang::RecursiveASTVisitor<Needs> {
 public:
  bool VisitDeclRefExpr(clang::DeclRefExpr* expr) { return add(expr->getFoundDecl()) && add(expr->getDecl()); }
  bool VisitMemberExpr(clang::MemberExpr* expr) { return add(expr->getMemberDecl()); }
  bool VisitCXXConstructExpr(clang::CXXConstructExpr* expr) { return add(expr->getConstructor()); }
  bool VisitOverloadExpr(clang::OverloadExpr* expr) {
    for (const clang::NamedDecl* decl : expr->decls()) add(decl);
    return true;
  }
  bool VisitTypeLoc(clang::TypeLoc type) {
    if (const auto* alias = type.getType()->getAs<clang::TypedefType>()) add(alias->getDecl());
    if (const auto* tag = type.getType()->getAsTagDecl()) add(tag);
    if (const auto* special = type.getType()->getAs<clang::TemplateSpecializationType>())
      add(special->getTemplateName().getAsTemplateDecl());
    return true;
  }
  std::set<const clang::Decl*> take() { return std::move(found_); }

 private:
  bool add(const clang::Decl* decl) {
    if (decl == nullptr) return true;
    if (const clang::Decl* outer = outermost(decl); outer != nullptr && !outer->isFromASTFile()) found_.insert(outer);
    return true;
  }
  std::set<const clang::Decl*> found_;
};

// A declaration at namespace level as text.
struct Entity {
  const clang::NamedDecl* decl = nullptr;
  std::string file, text;
  Place place;
  std::vector<std::string> spaces;  // the namespaces around it; "" for one without a name

  std::string name() const { return spelled_name(decl); }
  bool alias() const { return llvm::isa<clang::UsingDirectiveDecl, clang::BaseUsingDecl, clang::NamespaceAliasDecl>(decl); }
  // With the kind, and the type of a function: two entities with one key are the same thing declared.
  std::string key() const {
    const clang::FunctionDecl* function = decl->getAsFunction();
    const std::string type =
        function == nullptr ? "" : function->getType().getAsString() + (function->isThisDeclarationADefinition() ? "" : " declared");
    return std::string(decl->getDeclKindName()) + " " + name() + " " + type;
  }
};

std::vector<Entity> entities_of(const Program& program, const std::string& unit) {
  std::vector<Entity> entities;
  for (const TopLevel& top : top_levels(program)) {
    const clang::ASTContext& context = top.decl->getASTContext();
    if (&context != &program.context(unit)) continue;
    const auto range = declaration_range(top, context);
    if (range.isInvalid()) continue;
    Entity entity{top.decl, top.file, text_of(range, context), place_of(top.file, range, context.getSourceManager()), {}};
    for (const clang::DeclContext* around = top.decl->getLexicalDeclContext(); !around->isTranslationUnit();
         around = around->getLexicalParent())
      if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(around))
        entity.spaces.insert(entity.spaces.begin(), space->getNameAsString());
    entities.push_back(std::move(entity));
  }
  return entities;
}

// The function to graft and what it reaches, in source order.
struct Closure {
  std::vector<Entity> entities;
  std::map<const clang::Decl*, std::set<const clang::Decl*>> needs;  // by outermost()
  const clang::Decl* root = nullptr;

  bool is_root(const Entity& entity) const { return outermost(entity.decl) == root; }
};

Verdict<Closure> closure_of(const Program& donor, const Function& function) {
  Closure closure;
  closure.root = outermost(function.decl);
  const std::vector<Entity> all = entities_of(donor, function.file);
  std::vector<const clang::Decl*> open = {closure.root};
  while (!open.empty()) {
    const clang::Decl* decl = open.back();
    open.pop_back();
    if (closure.needs.contains(decl)) continue;
    Needs needs;
    for (const Entity& entity : all)
      if (outermost(entity.decl) == decl) needs.TraverseDecl(const_cast<clang::NamedDecl*>(entity.decl));
    closure.needs[decl] = needs.take();
    open.insert(open.end(), closure.needs[decl].begin(), closure.needs[decl].end());
    const auto* needed = decl->getAsFunction();
    if (needed != nullptr && needed->getDefinition() == nullptr && needed->getTemplateInstantiationPattern() == nullptr)
      return Refusal{refusal::kNotApplicable,
                     "it needs '" + spelled_name(needed) + "', which the other agent defines in another file; graft that one first"};
  }
  for (const Entity& entity : all)
    if (entity.alias() || closure.needs.contains(outermost(entity.decl))) closure.entities.push_back(entity);
  return closure;
}

// Which of a closure is here already, and which has its name taken.
struct Fit {
  std::vector<const Entity*> brought;
  std::vector<const Entity*> shared;  // as they stand here
  const Entity* taken = nullptr;      // the first of the donor's whose name means something else here
};

Fit fit(const Closure& closure, const std::vector<Entity>& here) {
  std::map<const clang::Decl*, bool> differs;
  const auto twin = [&](const Entity& entity) {
    return std::find_if(here.begin(), here.end(),
                        [&](const Entity& own) { return own.key() == entity.key() && words_of(own.text) == words_of(entity.text); });
  };
  const auto name_taken = [&](const Entity& entity) {
    return std::any_of(here.begin(), here.end(), [&](const Entity& own) { return !own.alias() && own.name() == entity.name(); });
  };
  for (const Entity& entity : closure.entities)
    if (!entity.alias() && !closure.is_root(entity) && name_taken(entity) && twin(entity) == here.end())
      differs[outermost(entity.decl)] = true;
  for (bool more = true; more;) {  // what needs something that differs is not the same either, though it reads alike
    more = false;
    for (const auto& [decl, needs] : closure.needs)
      if (!differs[decl] && decl != closure.root &&
          std::any_of(needs.begin(), needs.end(), [&](const clang::Decl* need) { return differs[need]; }))
        differs[decl] = more = true;
  }
  Fit fit;
  for (const Entity& entity : closure.entities) {
    if (closure.is_root(entity)) continue;
    const auto own = twin(entity);
    if (!entity.alias() && differs[outermost(entity.decl)] && name_taken(entity)) {
      if (fit.taken == nullptr) fit.taken = &entity;
    } else if (own != here.end()) {
      fit.shared.push_back(&*own);
    } else {
      fit.brought.push_back(&entity);
    }
  }
  return fit;
}

// A name that neither program uses.
std::string fresh_name(const std::string& name, const Json& agent, const Program& donor, const Program& program) {
  const std::string base = name + (agent.is_number_integer() ? "_of_" + agent.dump() : "_grafted");
  const auto used = [](const Program& in, const std::string& word) {
    return std::any_of(in.files().begin(), in.files().end(), [&](const auto& file) { return file.second.find(word) != std::string::npos; });
  };
  std::string fresh = base;
  for (int i = 2; used(donor, fresh) || used(program, fresh); ++i) fresh = base + "_" + std::to_string(i);
  return fresh;
}

std::string opened(const std::vector<std::string>& spaces) {
  std::string text;
  for (const std::string& space : spaces) text += "namespace " + space + (space.empty() ? "{\n" : " {\n");
  return text;
}

// Entities in order, each in its namespaces but the first `inside`, which are around the place already.
std::string written(const std::vector<const Entity*>& entities, std::size_t inside) {
  std::string text;
  std::vector<std::string> current;
  for (const Entity* entity : entities) {
    const std::vector<std::string> spaces(entity->spaces.begin() + static_cast<long>(inside), entity->spaces.end());
    if (spaces != current) {
      text += std::string(current.size(), '}') + "\n" + opened(spaces);
      current = spaces;
    }
    text += "\n" + entity->text + "\n";
  }
  return text + std::string(current.size(), '}') + "\n";
}

bool begins_with(const std::vector<std::string>& whole, const std::vector<std::string>& part) {
  return whole.size() >= part.size() && std::equal(part.begin(), part.end(), whole.begin());
}

// The outermost namespace around an entity, or the entity itself.
Place outer_place(const Entity& entity) {
  const clang::ASTContext& context = entity.decl->getASTContext();
  const clang::DeclContext* around = entity.decl->getLexicalDeclContext();
  const clang::Decl* outer = nullptr;
  for (; !around->isTranslationUnit(); around = around->getLexicalParent()) outer = llvm::cast<clang::Decl>(around);
  if (outer == nullptr) return entity.place;
  const auto range = clang::Lexer::getAsCharRange(outer->getSourceRange(), context.getSourceManager(), context.getLangOpts());
  return place_of(entity.file, range, context.getSourceManager());
}

// Includes of the donor's file that are missing here and that an agent may have.
std::string missing_includes(const std::string& donor, const std::string& own) {
  std::string missing;
  for (std::size_t at = 0; at < donor.size();) {
    const std::size_t end = std::min(donor.find('\n', at), donor.size());
    const std::string line = donor.substr(at, end - at);
    const auto header = included(line);
    if (header && !check_include(*header) && own.find(line) == std::string::npos) missing += "\n" + line;
    at = end + 1;
  }
  return missing;
}

// One graft: the donor may be renamed on the way, so its program is kept here.
class Graft {
 public:
  explicit Graft(const Request& request) : request_(request) {}

  Verdict<Plan> prepare() {
    Files files;
    for (const auto& [path, text] : request_.edit[kDonor].items())
      if (text.is_string()) files[path] = text.get<std::string>();
    name_ = request_.text("function");
    from_ = request_.text("from");
    for (int renamed = 0; renamed <= kMostRenamed; ++renamed) {
      auto parsed = Program::parse(request_.compiler, files);
      if (auto* refused = std::get_if<Refusal>(&parsed)) return *refused;
      donor_.emplace(std::get<Program>(std::move(parsed)));
      if (auto refused = look()) return *refused;
      if (fit_.taken == nullptr) return plan();
      auto next = renamed_donor(*fit_.taken);
      if (auto* refused = std::get_if<Refusal>(&next)) return *refused;
      files = std::get<Files>(std::move(next));
    }
    return Refusal{refusal::kNotApplicable, "more than " + std::to_string(kMostRenamed) + " names of what it needs are taken"};
  }

 private:
  // Finds the function there, what it needs, and how that fits here.
  std::optional<Refusal> look() {
    auto function = donor_->function(name_, from_);
    if (auto* refused = std::get_if<Refusal>(&function))
      return Refusal{refused->code, "in agent " + request_.edit["agent"].dump() + ": " + refused->message};
    function_ = std::get<Function>(function);
    if (function_.decl->isCXXClassMember())
      return Refusal{refusal::kNotApplicable, "'" + name_ + "' is a member; graft a function that uses its type"};
    auto closure = closure_of(*donor_, function_);
    if (auto* refused = std::get_if<Refusal>(&closure)) return *refused;
    closure_ = std::get<Closure>(std::move(closure));
    if (auto refused = choose_file()) return refused;
    here_ = entities_of(request_.program, file_);
    std::vector<Entity> seen = here_;  // by the linker, too
    for (const auto& [path, text] : request_.program.files())
      if (path != file_ && request_.program.parsed(path))
        for (Entity& entity : entities_of(request_.program, path))
          if (entity.decl->hasExternalFormalLinkage()) seen.push_back(std::move(entity));
    seen_ = std::move(seen);
    fit_ = fit(closure_, seen_);
    return std::nullopt;
  }

  std::optional<Refusal> choose_file() {
    auto own = request_.program.function(function_.signature, request_.text("file"));
    if (const auto* replaced = std::get_if<Function>(&own); replaced != nullptr) {
      file_ = replaced->file;
      return std::nullopt;
    }
    if (std::get<Refusal>(own).code == refusal::kAmbiguous) return std::get<Refusal>(own);
    file_ = request_.has("file") ? request_.text("file") : function_.file;
    if (request_.program.files().contains(file_) && is_source(file_)) return std::nullopt;
    return Refusal{refusal::kNotFound, "there is no source file '" + file_ + "' for the grafted function; name one as \"file\""};
  }

  Verdict<Files> renamed_donor(const Entity& entity) {
    const std::vector<Place> places = references_of(*donor_, entity.decl);
    const std::string to = fresh_name(entity.decl->getNameAsString(), request_.edit["agent"], *donor_, request_.program);
    auto changes = rename_places(request_.compiler, *donor_, places, to);
    if (auto* refused = std::get_if<Refusal>(&changes))
      return Refusal{refused->code, "'" + entity.name() + "' means something else here, and cannot be renamed: " + refused->message};
    Files files = donor_->files();
    for (const auto& [file, replacements] : std::get<Changes>(changes)) {
      auto text = clang::tooling::applyAllReplacements(files.at(file), replacements);
      if (!text) return Refusal{refusal::kNotApplicable, llvm::toString(text.takeError())};
      files[file] = *text;
    }
    return files;
  }

  Verdict<Plan> plan() {
    std::vector<const Entity*> brought = fit_.brought;
    const Entity* replaced = nullptr;
    std::string code;
    for (const Entity& entity : closure_.entities) {
      if (!closure_.is_root(entity)) continue;
      const auto own = std::find_if(here_.begin(), here_.end(), [&](const Entity& other) { return other.key() == entity.key(); });
      if (own == here_.end()) {
        brought.push_back(&entity);
      } else if (entity.decl->getAsFunction()->isThisDeclarationADefinition()) {
        replaced = &*own;
        code = entity.text;
      }
    }
    std::stable_sort(brought.begin(), brought.end(), [&](const Entity* a, const Entity* b) { return index_of(a) < index_of(b); });
    for (const Entity* entity : brought)
      if (auto refused = check_code(entity->text)) return *refused;
    if (auto refused = check_code(code)) return *refused;

    std::vector<NewText> texts;
    if (replaced != nullptr) texts.push_back({replaced->place, code});
    if (!brought.empty()) texts.push_back(insertion(brought, replaced));
    const std::string& own = request_.program.files().at(file_);
    if (const std::string includes = missing_includes(donor_->files().at(function_.file), own); !includes.empty())
      texts.push_back({{file_, static_cast<unsigned>(end_of_includes(own)), 0}, includes + "\n"});
    return plan_of(joined(std::move(texts)));
  }

  // In front of what is replaced, else behind the last declaration that is shared, else behind the includes.
  NewText insertion(const std::vector<const Entity*>& brought, const Entity* replaced) const {
    const Entity* beside = replaced;
    for (const Entity* shared : fit_.shared)
      if (replaced == nullptr && shared->file == file_) beside = shared;
    if (beside == nullptr)
      return {{file_, static_cast<unsigned>(end_of_includes(request_.program.files().at(file_))), 0}, "\n" + written(brought, 0)};
    const bool inside =
        std::all_of(brought.begin(), brought.end(), [&](const Entity* entity) { return begins_with(entity->spaces, beside->spaces); });
    const Place place = inside ? beside->place : outer_place(*beside);
    const unsigned offset = replaced != nullptr ? place.offset : place.offset + place.length;
    return {{file_, offset, 0}, "\n" + written(brought, inside ? beside->spaces.size() : 0)};
  }

  // Two texts for one place, as the includes and what is brought behind them, become one.
  static std::vector<NewText> joined(std::vector<NewText> texts) {
    std::vector<NewText> out;
    for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
      const auto same = std::find_if(out.begin(), out.end(), [&](const NewText& other) {
        return other.place.file == text->place.file && other.place.offset == text->place.offset && other.place.length == 0 &&
               text->place.length == 0;
      });
      if (same == out.end())
        out.push_back(std::move(*text));
      else
        same->code += text->code;
    }
    return out;
  }

  std::ptrdiff_t index_of(const Entity* entity) const { return entity - closure_.entities.data(); }

  const Request& request_;
  std::string name_, from_, file_;
  std::optional<Program> donor_;
  Function function_;
  Closure closure_;
  std::vector<Entity> here_, seen_;
  Fit fit_;
};

}  // namespace

Verdict<Plan> prepare_graft(const Request& request) {
  if (!request.edit.contains(kDonor) || !request.edit[kDonor].is_object())
    return Refusal{refusal::kNotFound, "there is no agent " + request.edit["agent"].dump() + " to graft from"};
  return Graft(request).prepare();
}

}  // namespace hyperagent::tooling
