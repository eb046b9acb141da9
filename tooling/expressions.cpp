#include "tooling/expressions.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/SourceManager.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>

#include "tooling/edit_code.h"
#include "tooling/program.h"

namespace hyperagent::tooling {
namespace {

constexpr int kMostSteps = 400;
constexpr const char* kString = "std::basic_string<char>";
constexpr const char* kStringView = "std::basic_string_view<char>";
constexpr const char* kTextRef = "ha::TextRef";
constexpr const char* kAnswer = "ha::Answer";

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string short_number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string number_literal(double value, bool integer) {
  if (integer) return std::to_string(static_cast<long long>(value));
  const std::string text = short_number(value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string as_double_literal(double value) {
  const std::string text = number_literal(value, /*integer=*/false);
  return value < 0 ? "(" + text + ")" : text;
}

// Whether an expression names nothing: comparing two of these decides nothing.
bool is_constant(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return isalpha(static_cast<unsigned char>(c)) && c != 'e'; });
}

}  // namespace

bool is_truth(const std::string& text) { return text == "true" || text == "false"; }

std::string type_key(clang::QualType type) {
  if (type.isNull()) return {};
  clang::LangOptions language;
  language.CPlusPlus = true;
  clang::PrintingPolicy policy(language);
  policy.Bool = true;
  return type.getNonReferenceType().getCanonicalType().getUnqualifiedType().getAsString(policy);
}

std::string element_key(clang::QualType type) {
  const auto* record = type.getNonReferenceType().getCanonicalType()->getAsCXXRecordDecl();
  const auto* special = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(record);
  if (special == nullptr || special->getQualifiedNameAsString() != "std::vector" || special->getTemplateArgs().size() < 1) return {};
  return type_key(special->getTemplateArgs()[0].getAsType());
}

bool is_integer(const std::string& key) {
  return key == "int" || key == "long" || key == "long long" || key == "unsigned int" || key == "unsigned long" || key == "unsigned long long";
}
bool is_number(const std::string& key) { return key == "double" || key == "float" || is_integer(key); }

bool fits(const std::string& from, const std::string& hole) {
  if (from == hole) return true;
  if (hole == "double" || hole == "float") return is_number(from);
  if (is_integer(hole)) return is_integer(from);
  if (hole == kTextRef) return from == kString || from == kStringView;
  return hole == kStringView && from == kString;
}

Parameter parameter_of(const clang::ParmVarDecl* decl, const Vocabulary& vocabulary) {
  Parameter parameter;
  const clang::QualType type = decl->getType();
  parameter.type = type_key(type);
  parameter.mutable_reference = type->isLValueReferenceType() && !type.getNonReferenceType().isConstQualified();
  for (const auto* note : decl->specific_attrs<clang::AnnotateAttr>()) {
    const std::string text = note->getAnnotation().str();
    const std::string vocab = "ha::vocab:", range = "ha::range:";
    if (text.starts_with(vocab)) {
      parameter.of_vocabulary = true;
      parameter.only_choices = !is_number(parameter.type);  // words have no neighbours, numbers have
      const auto words = vocabulary.words.find(text.substr(vocab.size()));
      if (words != vocabulary.words.end() && words->is_array())
        for (const Json& word : *words) {
          if (word.is_string() && parameter.only_choices) parameter.choices.push_back(quoted(word.get<std::string>()));
          if (word.is_number() && !parameter.only_choices) parameter.choices.push_back(number_literal(word.get<double>(), is_integer(parameter.type)));
        }
    } else if (text.starts_with(range)) {
      std::string word;
      for (char c : text.substr(range.size()) + " ") {
        if (c != ' ') {
          word += c;
        } else if (!word.empty()) {
          parameter.choices.push_back(word);
          word.clear();
        }
      }
    }
  }
  return parameter;
}

namespace {
// A call that only words of a vocabulary go into is as simple as a literal: it may stand where nothing nests any deeper.
bool is_word(const Block& block) {
  return !block.parameters.empty() && std::all_of(block.parameters.begin(), block.parameters.end(), [](const Parameter& parameter) { return parameter.only_choices; });
}

// Whether the domain has a word for every parameter that takes words: `label_above` is of no use where no field holds a number.
bool usable(const Block& block) {
  return std::none_of(block.parameters.begin(), block.parameters.end(),
                      [](const Parameter& parameter) { return parameter.of_vocabulary && parameter.choices.empty(); });
}

}  // namespace

Block block_of(const clang::FunctionDecl* decl, const Vocabulary& vocabulary) {
  Block block{spelled_name(decl), type_key(decl->getReturnType()), element_key(decl->getReturnType()), {}, decl};
  for (const clang::ParmVarDecl* parameter : decl->parameters()) block.parameters.push_back(parameter_of(parameter, vocabulary));
  return block;
}

std::vector<Block> api_blocks(clang::ASTContext& context, const Vocabulary& vocabulary) {
  std::vector<Block> blocks;
  const auto found = context.getTranslationUnitDecl()->lookup(&context.Idents.get("ha"));
  for (const clang::NamedDecl* decl : found) {
    const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl);
    if (space == nullptr) continue;
    std::vector<const clang::FunctionDecl*> functions;
    for (const clang::NamespaceDecl* part : space->redecls())  // each header opens the namespace anew
      for (const clang::Decl* member : part->decls())
        if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(member)) functions.push_back(function);
    for (const clang::FunctionDecl* function : functions) {
      bool is_block = false;
      for (const auto* note : function->specific_attrs<clang::AnnotateAttr>()) is_block = is_block || note->getAnnotation() == "ha::block";
      if (!is_block || std::count(vocabulary.without.begin(), vocabulary.without.end(), function->getQualifiedNameAsString()) > 0) continue;
      if (!vocabulary.headers.empty()) {
        const auto& sources = context.getSourceManager();
        const std::string file = sources.getFilename(sources.getExpansionLoc(function->getLocation())).str();
        if (std::none_of(vocabulary.headers.begin(), vocabulary.headers.end(), [&](const std::string& header) { return file.ends_with("/" + header); }))
          continue;
      }
      if (Block block = block_of(function, vocabulary); usable(block)) blocks.push_back(std::move(block));
    }
  }
  std::stable_sort(blocks.begin(), blocks.end(), [](const Block& a, const Block& b) { return a.name < b.name; });
  return blocks;
}

const std::vector<Blocks::Family>& Blocks::making(const std::string& type) const {
  const auto known = families_.find(type);
  if (known != families_.end()) return known->second;
  std::map<std::string, Family> by_signature;
  for (const Block& block : all_) {
    if (!fits(block.returns, type)) continue;
    std::string signature;
    for (const Parameter& parameter : block.parameters) signature += parameter.type + (parameter.only_choices ? "!," : ",");
    by_signature[signature].push_back(&block);
  }
  std::vector<Family>& families = families_[type];
  for (auto& [signature, family] : by_signature) families.push_back(std::move(family));
  return families;
}

std::optional<std::string> Expressions::make_with(const std::string& type, const Scope& scope, const std::string& needed, int depth) {
  for (int attempt = 0; attempt < 12; ++attempt) {
    auto text = make(type, scope, depth);
    if (!text) return std::nullopt;
    if (names(*text, needed)) return text;
    if (!choices_.again()) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> Expressions::make(const std::string& type, const Scope& scope, int depth) {
  if (++steps_ > kMostSteps) return std::nullopt;
  std::vector<Option> options;
  for (const Variable& variable : scope)
    if (fits(variable.type, type)) options.push_back({4, [&variable] { return std::optional(variable.text); }});
  // Functions of one signature are one choice: a dozen word counts must not crowd out the one function that fits a model.
  std::vector<Blocks::Family> families;
  for (const Blocks::Family& making : blocks_.making(type)) {
    Blocks::Family family;
    std::copy_if(making.begin(), making.end(), std::back_inserter(family),
                 [&](const Block* block) { return depth > 0 || is_word(*block); });
    if (family.size() < making.size()) choices_.leaves_out();
    if (!family.empty()) families.push_back(std::move(family));
  }
  for (const Blocks::Family& family : families)
    for (const Block* block : family)
      options.push_back({std::min(4.0, 12.0 / static_cast<double>(families.size())) / static_cast<double>(family.size()), [&, block, this] { return call(*block, scope, depth - 1); }});
  if (is_number(type)) number_options(type, scope, depth, options);
  if (type == "bool") bool_options(scope, depth, options);
  if (type == kAnswer) options.push_back({0.2, [] { return std::optional<std::string>("ha::Answer()"); }});

  while (!options.empty()) {
    std::vector<double> weights;
    for (const Option& option : options) weights.push_back(option.weight);
    const std::size_t choice = choices_.weighted(weights);
    if (auto text = options[choice].make()) return text;
    if (steps_ > kMostSteps || !choices_.again()) return std::nullopt;
    options.erase(options.begin() + static_cast<std::ptrdiff_t>(choice));
  }
  return std::nullopt;
}

std::optional<std::string> Expressions::call(const Block& block, const Scope& scope, int depth) {
  std::string text = block.name + "(";
  for (std::size_t i = 0; i < block.parameters.size(); ++i) {
    const Parameter& parameter = block.parameters[i];
    std::optional<std::string> argument;
    if (parameter.mutable_reference) {
      std::vector<const Variable*> fitting;
      for (const Variable& variable : scope)
        if (variable.is_mutable && variable.type == parameter.type) fitting.push_back(&variable);
      if (fitting.empty()) return std::nullopt;
      argument = fitting[choices_.below(fitting.size())]->text;
    } else if (!parameter.choices.empty() && (parameter.only_choices || choices_.chance(0.9))) {
      argument = parameter.choices[choices_.below(parameter.choices.size())];
    } else if (!parameter.only_choices) {
      argument = make(parameter.type, scope, depth);
    }
    if (!argument) return std::nullopt;
    text += (i > 0 ? ", " : "") + *argument;
  }
  return text + ")";
}

void Expressions::number_options(const std::string& type, const Scope& scope, int depth, std::vector<Option>& options) {
  const bool integer = is_integer(type);
  options.push_back({depth > 0 ? 0.5 : 3, [this, integer] { return std::optional(usual_number(integer)); }});
  if (depth < 1) return choices_.leaves_out();
  for (const Variable& variable : scope)
    if (!variable.element.empty())
      options.push_back({1, [&variable, integer] {
                           return std::optional<std::string>((integer ? "static_cast<int>(" : "static_cast<double>(") + variable.text + ".size())");
                         }});
  options.push_back({2, [this, type, &scope, depth]() -> std::optional<std::string> {
                       auto left = make(type, scope, depth - 1), right = make(type, scope, depth - 1);
                       if (!left || !right) return std::nullopt;
                       static const char* kOperators[] = {" + ", " - ", " * "};
                       return "(" + *left + kOperators[choices_.below(3)] + *right + ")";
                     }});
  if (depth < 2) return choices_.leaves_out();
  options.push_back({0.5, [this, type, &scope, depth]() -> std::optional<std::string> {
                       auto condition = make("bool", scope, depth - 1), left = make(type, scope, depth - 2), right = make(type, scope, depth - 2);
                       if (!condition || !left || !right || is_truth(*condition)) return std::nullopt;
                       return "(" + *condition + " ? " + *left + " : " + *right + ")";
                     }});
}

void Expressions::bool_options(const Scope& scope, int depth, std::vector<Option>& options) {
  options.push_back({0.05, [this] { return std::optional<std::string>(choices_.below(2) == 0 ? "false" : "true"); }});
  for (const Variable& variable : scope) {
    if (!variable.element.empty()) options.push_back({1, [&variable] { return std::optional(variable.text + ".empty()"); }});
    if (variable.type == kAnswer) options.push_back({1, [&variable] { return std::optional(variable.text + ".given()"); }});
  }
  if (depth < 1) return choices_.leaves_out();
  options.push_back({4, [this, &scope, depth]() -> std::optional<std::string> {
                       auto left = make("double", scope, depth - 1);
                       for (int i = 0; i < 4 && left && is_constant(*left) && choices_.again(); ++i)
                         left = make("double", scope, depth - 1);
                       auto right = make("double", scope, depth - 1);
                       if (!left || !right || *left == *right || is_constant(*left)) return std::nullopt;
                       static const char* kOperators[] = {" < ", " > ", " <= ", " >= "};
                       return "(" + *left + kOperators[choices_.below(4)] + *right + ")";
                     }});
  options.push_back({0.6, [this, &scope, depth]() -> std::optional<std::string> {
                       auto inner = make("bool", scope, depth - 1);
                       if (!inner || is_truth(*inner)) return std::nullopt;
                       return "!" + (inner->front() == '(' || names("x", *inner) ? *inner : "(" + *inner + ")");
                     }});
  if (depth < 2) return choices_.leaves_out();
  options.push_back({0.6, [this, &scope, depth]() -> std::optional<std::string> {
                       auto left = make("bool", scope, depth - 1), right = make("bool", scope, depth - 1);
                       if (!left || !right || *left == *right || is_truth(*left) || is_truth(*right)) return std::nullopt;
                       return "(" + *left + (choices_.below(2) == 0 ? " && " : " || ") + *right + ")";
                     }});
}

std::optional<Expressions::Range> Expressions::make_range(const Scope& scope, int depth) {
  std::vector<Range> kinds;  // the vector types that can be had here: text empty, element set
  const auto offer = [&](const std::string& type, const std::string& element) {
    if (!element.empty() && std::none_of(kinds.begin(), kinds.end(), [&](const Range& kind) { return kind.text == type; })) kinds.push_back({type, element});
  };
  for (const Variable& variable : scope) offer(variable.type, variable.element);
  for (const Block& block : blocks_.all()) offer(block.returns, block.element);
  while (!kinds.empty()) {
    const std::size_t choice = choices_.below(kinds.size());
    if (auto text = make(kinds[choice].text, scope, depth)) return Range{*text, kinds[choice].element};
    kinds.erase(kinds.begin() + static_cast<std::ptrdiff_t>(choice));
  }
  return std::nullopt;
}

std::string Expressions::usual_number(bool integer) {
  if (integer) {
    static const int kIntegers[] = {0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 32, 50, 64, 80, 100};
    return std::to_string(kIntegers[choices_.example(std::size(kIntegers))]);
  }
  static const double kNumbers[] = {0, 0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 20, 50, 100};
  return as_double_literal(kNumbers[choices_.example(std::size(kNumbers))]);
}

std::string Expressions::number_near(double value, bool integer) {
  const double roll = choices_.uniform();
  if (roll < 0.15) return usual_number(integer);
  if (integer) {
    const double steps[] = {1, -1, 2, -2, value, -std::floor(value / 2), 5, -5, 10, -10};
    const double moved = value + steps[choices_.example(std::size(steps))];
    return std::to_string(static_cast<long long>(value >= 0 ? std::max(0.0, moved) : moved));
  }
  if (roll < 0.6) return as_double_literal(value * std::exp((choices_.uniform() + choices_.uniform() + choices_.uniform() - 1.5) * 0.8));
  const double scale = std::max(std::abs(value), 0.05);
  return as_double_literal(value + scale * (choices_.uniform() - 0.5));
}

}  // namespace hyperagent::tooling
