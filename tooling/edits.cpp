#include "tooling/edits.h"

#include <clang/Format/Format.h>

#include "tooling/edit_code.h"
#include "tooling/edit_guard.h"
#include "tooling/edit_plan.h"
#include "tooling/edit_schema.h"

namespace hyperagent::tooling {
namespace {

namespace ct = clang::tooling;

constexpr std::size_t kMostEdits = 64;

struct Operation {
  const char* name;
  Verdict<Plan> (*prepare)(const Request&);
};

constexpr Operation kOperations[] = {
    {"replace_function", prepare_replace_function},
    {"replace_body", prepare_replace_body},
    {"insert_declaration", prepare_insert_declaration},
    {"remove_declaration", prepare_remove_declaration},
    {"rename", prepare_rename},
    {"replace_node", prepare_replace_node},
    {"set_literal", prepare_set_literal},
    {"insert_statement", prepare_insert_statement},
    {"delete_statement", prepare_delete_statement},
    {"move_statement", prepare_move_statement},
    {"swap_statements", prepare_swap_statements},
    {"wrap_statement", prepare_wrap_statement},
    {"rewrite", prepare_rewrite},
    {"graft", prepare_graft},
};

std::string text_member(const Json& edit, const char* name) {
  const auto found = edit.find(name);
  return found != edit.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Verdict<Plan> prepare(const Request& request) {
  const std::string op = request.text("op");
  for (const Operation& operation : kOperations)
    if (op == operation.name) return operation.prepare(request);
  return Refusal{refusal::kMalformed, "the op '" + op + "' is in the schema but not in this program"};
}

std::optional<Refusal> check_new_code(const Json& edit, const EditRules& rules) {
  const std::string code = text_member(edit, "code");
  if (edit["op"] == "graft" && !rules.agent) return Refusal{refusal::kNotApplicable, "a graft goes from an agent to an agent"};
  if (edit["op"] == "set_literal" && !is_literal(text_member(edit, "value")))
    return Refusal{refusal::kMalformed, "'" + text_member(edit, "value") + "' is not one literal"};
  for (const char* member : {"value", "to"})
    if (auto refused = check_code(text_member(edit, member))) return refused;
  const auto header = edit["op"] == "insert_declaration" ? included(code) : std::nullopt;
  if (!header) return check_code(code);
  return rules.agent ? check_include(*header) : std::nullopt;
}

clang::format::FormatStyle style_from(const std::string& text) {
  auto style = clang::format::getGoogleStyle(clang::format::FormatStyle::LK_Cpp);
  style.ColumnLimit = 120;
  if (!text.empty()) {
    auto given = clang::format::getLLVMStyle(clang::format::FormatStyle::LK_Cpp);  // what a .clang-format starts from
    const auto silent = [](const llvm::SMDiagnostic&, void*) {};
    if (!clang::format::parseConfiguration(llvm::MemoryBufferRef(text, ".clang-format"), &given, /*AllowUnknownOptions=*/true, silent))
      style = given;
  }
  style.SortIncludes = clang::format::FormatStyle::SI_Never;
  return style;
}

// The blanks that the line begins with on which nothing else stands before `at`.
std::string indent_before(const std::string& text, std::size_t at) {
  const std::size_t line = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  const std::string before = text.substr(line, at - line);
  return before.find_first_not_of(" \t") == std::string::npos ? before : "";
}

// The text in pieces: what stays and what is new, by turns. Behind inserted lines what follows is indented as it was.
std::vector<std::string> pieces_of(const std::string& text, const ct::Replacements& replacements) {
  std::vector<std::string> pieces;
  std::size_t at = 0;
  for (const ct::Replacement& replacement : replacements) {
    pieces.push_back(text.substr(at, replacement.getOffset() - at));
    pieces.push_back(replacement.getReplacementText().str());
    if (pieces.back().ends_with('\n') && replacement.getLength() == 0) pieces.back() += indent_before(text, replacement.getOffset());
    at = replacement.getOffset() + replacement.getLength();
  }
  pieces.push_back(text.substr(at));
  return pieces;
}

// Where the new pieces stand when they are in the text. Without the line break at the end of inserted lines, or the line behind them, which
// nobody has touched, would be laid out with them.
std::vector<ct::Range> new_ranges(const std::vector<std::string>& pieces) {
  std::vector<ct::Range> ranges;
  std::size_t at = 0;
  for (std::size_t i = 0; i < pieces.size(); at += pieces[i].size(), ++i) {
    const llvm::StringRef code = pieces[i];
    if (i % 2 == 1) ranges.emplace_back(static_cast<unsigned>(at + code.size() - code.ltrim().size()), static_cast<unsigned>(code.trim().size()));
  }
  return ranges;
}

// Lays out what is new and nothing else, so that comments and layout of untouched code survive.
Verdict<std::string> new_text(const ct::Replacements& replacements, const std::string& text, bool formatted, const EditRules& rules) {
  const std::vector<std::string> pieces = pieces_of(text, replacements);
  if (!is_joined(pieces))
    return Refusal{refusal::kMalformed, "the new code runs into the code around it: a comment, a literal or a word of the one takes in some of the other"};
  std::string joined;
  for (const std::string& piece : pieces) joined += piece;
  if (!formatted) return joined;
  auto result = ct::applyAllReplacements(joined, clang::format::reformat(style_from(rules.style), joined, new_ranges(pieces)));
  if (result) return *result;
  llvm::consumeError(result.takeError());
  return Refusal{refusal::kNotApplicable, "the edit cannot be applied to the text"};
}

// The name of the declaration an edit is about; empty when it names none, or when all files have to be looked at.
std::string target_of(const Json& edit) {
  const std::string op = text_member(edit, "op");
  if (op == "rename" || op == "rewrite" || op == "graft") return {};
  for (const char* member : {"function", "name", "before", "after"})
    if (const std::string name = text_member(edit, member); !name.empty()) return bare_name(name);
  return {};
}

// Prepares one edit on the sources that contain a word, asks the guard, and applies it to `edited`.
std::optional<Refusal> apply_one(const Compiler& compiler, const Json& edit, const std::string& mentioned, const EditRules& rules,
                                 Edited& edited) {
  auto parsed = Program::parse_mentioning(compiler, edited.files, mentioned);
  if (auto* refused = std::get_if<Refusal>(&parsed))
    return Refusal{refused->code, "the program has errors before this edit:\n" + refused->message};
  const Program& program = std::get<Program>(parsed);
  const Request request{compiler, program, edit};
  auto prepared = prepare(request);
  if (auto* refused = std::get_if<Refusal>(&prepared)) return *refused;
  const Plan& plan = std::get<Plan>(prepared);
  if (auto refused = check_allowed(program, rules.policy, plan.places, edited.needs_approval)) return refused;
  auto changes = plan.apply();
  if (auto* refused = std::get_if<Refusal>(&changes)) return *refused;
  for (const auto& [file, replacements] : std::get<Changes>(changes)) {
    auto text = new_text(replacements, edited.files.at(file), plan.formatted, rules);
    if (auto* refused = std::get_if<Refusal>(&text)) return *refused;
    edited.files[file] = std::get<std::string>(std::move(text));
  }
  return std::nullopt;
}

std::optional<Refusal> apply_one(const Compiler& compiler, const Json& edit, const EditRules& rules, Edited& edited) {
  if (auto refused = check_well_formed(edit)) return refused;
  if (auto refused = check_new_code(edit, rules)) return refused;
  const std::string mentioned = target_of(edit);
  auto refused = apply_one(compiler, edit, mentioned, rules, edited);
  // Only the sources that mention the target were parsed; a refusal should name what the others have.
  if (refused && refused->code == refusal::kNotFound && !mentioned.empty()) refused = apply_one(compiler, edit, "", rules, edited);
  return refused;
}

// Clang's matcher parser names single bytes, and long texts are cut short: the rest of a character is no UTF-8, which nobody can send on.
std::string whole_characters(const std::string& message) {
  return Json::parse(Json(message).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

}  // namespace

Verdict<Edited> apply_edits(const Compiler& compiler, const Files& files, const Json& edits, const EditRules& rules) {
  if (!edits.is_array() || edits.empty()) return Refusal{refusal::kMalformed, "edits must be a list with at least one edit"};
  if (edits.size() > kMostEdits) return Refusal{refusal::kMalformed, "more than " + std::to_string(kMostEdits) + " edits"};
  Edited edited{files, {}};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    auto refused = apply_one(compiler, edits[i], rules, edited);
    if (!refused) continue;
    const std::string op = edits[i].is_object() ? text_member(edits[i], "op") : "";
    std::string which = edits.size() == 1 ? "" : "edit " + std::to_string(i + 1) + (op.empty() ? "" : " (" + op + ")") + ": ";
    return Refusal{refused->code, whole_characters(which + refused->message)};
  }
  return edited;
}

Verdict<Files> apply_edits(const Compiler& compiler, const Files& files, const Json& edits) {
  auto edited = apply_edits(compiler, files, edits, EditRules{});
  if (auto* refused = std::get_if<Refusal>(&edited)) return *refused;
  return std::get<Edited>(std::move(edited)).files;
}

}  // namespace hyperagent::tooling
