#include "tooling/edits.h"

#include <clang/Format/Format.h>

#include "tooling/edit_code.h"
#include "tooling/edit_guard.h"
#include "tooling/edit_meaning.h"
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

bool has_windows_lines(llvm::StringRef text) { return 2 * text.count("\r\n") > text.count('\n'); }
bool has_tabs(llvm::StringRef text) { return text.count("\n\t") > text.count("\n "); }

// As the given .clang-format says; without one our own, with tabs in a file that has them.
clang::format::FormatStyle style_from(const std::string& text, llvm::StringRef file) {
  auto style = clang::format::getGoogleStyle(clang::format::FormatStyle::LK_Cpp);
  style.ColumnLimit = 120;
  if (has_tabs(file)) {
    style.UseTab = clang::format::FormatStyle::UT_Always;
    style.IndentWidth = style.ContinuationIndentWidth = style.TabWidth = 4;
    style.AccessModifierOffset = -4;
  }
  style.LineEnding = has_windows_lines(file) ? clang::format::FormatStyle::LE_CRLF : clang::format::FormatStyle::LE_LF;
  if (!text.empty()) {
    auto given = clang::format::getLLVMStyle(clang::format::FormatStyle::LK_Cpp);  // what a .clang-format starts from
    const auto silent = [](const llvm::SMDiagnostic&, void*) {};
    given.LineEnding = style.LineEnding;
    if (!clang::format::parseConfiguration(llvm::MemoryBufferRef(text, ".clang-format"), &given, /*AllowUnknownOptions=*/true, silent))
      style = given;
  }
  style.SortIncludes = clang::format::FormatStyle::SI_Never;
  return style;
}

// The text with the line ends of the file it goes into.
std::string with_line_ends(llvm::StringRef text, bool windows) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && text.substr(i + 1).starts_with("\n")) continue;
    if (text[i] == '\n' && windows) out += '\r';
    out += text[i];
  }
  return out;
}

bool is_blank(llvm::StringRef text) { return text.trim().empty(); }
std::size_t line_begin(llvm::StringRef text, std::size_t at) { return text.take_front(at).rfind('\n') + 1; }  // npos + 1 is 0
std::size_t line_end(llvm::StringRef text, std::size_t at) { return std::min(text.find('\n', at), text.size()); }

// Where new code stands in the whole text, white space around it included and not.
struct NewPart {
  std::size_t begin = 0, code_begin = 0, code_end = 0, end = 0;
  bool whole_lines = false;
};

struct Joined {
  std::vector<std::string> pieces;  // what stays and what is new, by turns
  std::vector<NewPart> parts;
  std::string text;
};

// Puts the new code in. Behind inserted lines what follows is indented as it was; a line on which nothing is left goes.
Joined joined(llvm::StringRef text, const ct::Replacements& replacements) {
  const bool windows = has_windows_lines(text);
  Joined all;
  std::size_t at = 0;
  for (const ct::Replacement& replacement : replacements) {
    std::size_t from = replacement.getOffset(), to = from + replacement.getLength();
    std::string code = with_line_ends(replacement.getReplacementText(), windows);
    const llvm::StringRef before = text.slice(std::max(at, line_begin(text, from)), from);
    const bool begins_line = is_blank(before) && at <= line_begin(text, from);
    NewPart part;
    part.whole_lines = begins_line && from == to && code.ends_with("\n");
    if (part.whole_lines) code += before;
    if (begins_line && from < to && is_blank(code) && is_blank(text.slice(to, line_end(text, to)))) {
      from = line_begin(text, from);
      to = std::min(line_end(text, to) + 1, text.size());
      code.clear();
      part.whole_lines = true;
    }
    all.pieces.push_back(text.slice(at, from).str());
    all.text += all.pieces.back();
    part.begin = all.text.size();
    all.text += code;
    part.end = all.text.size();
    part.code_begin = part.begin + code.size() - llvm::StringRef(code).ltrim().size();
    part.code_end = std::max(part.code_begin, part.begin + llvm::StringRef(code).rtrim().size());
    all.pieces.push_back(std::move(code));
    all.parts.push_back(part);
    at = to;
  }
  all.pieces.push_back(text.substr(at).str());
  all.text += all.pieces.back();
  return all;
}

// What the formatter wants, as far as it is white space on lines that hold new code. It also lays out the rest of a statement and the
// indent of the line behind, writes comments and parts literals.
ct::Replacements layout_of_new_lines(const ct::Replacements& wishes, const Joined& all) {
  const llvm::StringRef text = all.text;
  const auto is_new = [&](std::size_t at) {  // the line
    const std::size_t begin = line_begin(text, at), end = line_end(text, at);
    return std::any_of(all.parts.begin(), all.parts.end(), [&](const NewPart& part) {
      return part.code_begin <= end && begin < (part.whole_lines ? part.code_end : part.end + 1);
    });
  };
  ct::Replacements kept;
  for (const ct::Replacement& wish : wishes) {
    const std::size_t begin = wish.getOffset(), end = begin + wish.getLength();
    const llvm::StringRef old = text.slice(begin, end), now = wish.getReplacementText();
    if (!is_blank(old) || !is_blank(now) || !is_new(end)) continue;
    std::string space = now.str();
    if (old.contains('\n') && !is_new(begin)) {
      if (!now.contains('\n')) continue;
      // What stood before the new code stays, with the line breaks that are wanted beyond its own.
      const auto part = std::find_if(all.parts.begin(), all.parts.end(),
                                     [&](const NewPart& p) { return p.code_begin == end && p.code_begin < p.code_end; });
      const llvm::StringRef stays = text.slice(begin, part == all.parts.end() ? end : std::max(begin, part->begin));
      space = stays.take_front(stays.contains('\n') ? stays.rfind('\n') + 1 : stays.size()).str();
      for (std::size_t lines = stays.count('\n'); lines < now.count('\n'); ++lines) space += now.contains('\r') ? "\r\n" : "\n";
      space += now.drop_front(now.rfind('\n') + 1);
    }
    llvm::consumeError(
        kept.add(ct::Replacement("", static_cast<unsigned>(begin), wish.getLength(), space)));  // in order and apart, as the wishes are
  }
  return kept;
}

// Lays out what is new and nothing else, so that comments and layout of untouched code survive.
Verdict<std::string> new_text(const ct::Replacements& replacements, const std::string& text, bool formatted, const EditRules& rules) {
  const Joined all = joined(text, replacements);
  if (!is_joined(all.pieces))
    return Refusal{refusal::kMalformed, "the new code runs into the code around it: a comment, a literal or a word of the one takes in some of the other"};
  if (!formatted) return all.text;
  const auto style = style_from(rules.style, text);
  std::vector<ct::Range> ranges;
  for (const NewPart& part : all.parts)
    ranges.emplace_back(static_cast<unsigned>(part.code_begin), static_cast<unsigned>(part.code_end - part.code_begin));
  auto result = ct::applyAllReplacements(all.text, layout_of_new_lines(clang::format::reformat(style, all.text, ranges), all));
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

// What a removal or a change beside a frozen declaration may do to names that it does not touch.
std::optional<Refusal> check_meaning(const Compiler& compiler, const Json& edit, const Program& program, const std::vector<Region>& frozen,
                                     const Plan& plan, const Files& files) {
  const bool removes = edit["op"] == "remove_declaration";
  if (!removes && frozen.empty()) return std::nullopt;
  Files parsed_before = files;  // the same files as before, or the names would not be the same
  std::erase_if(parsed_before, [&](const auto& file) { return is_source(file.first) && !program.parsed(file.first); });
  const auto parsed = Program::parse(compiler, parsed_before);
  const auto* after = std::get_if<Program>(&parsed);
  if (after == nullptr) return std::nullopt;  // what is wrong with it is said when it is built
  if (auto refused = frozen.empty() ? std::nullopt : check_frozen_meaning(program, frozen, *after)) return refused;
  return removes ? check_unused(program, plan.places.front(), *after) : std::nullopt;
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
  const std::vector<Region> frozen = frozen_regions(program);
  if (auto refused = check_allowed(program, frozen, rules.policy, plan.places, edited.needs_approval)) return refused;
  auto changes = plan.apply();
  if (auto* refused = std::get_if<Refusal>(&changes)) return *refused;
  for (const auto& [file, replacements] : std::get<Changes>(changes)) {
    auto text = new_text(replacements, edited.files.at(file), plan.formatted, rules);
    if (auto* refused = std::get_if<Refusal>(&text)) return *refused;
    edited.files[file] = std::get<std::string>(std::move(text));
  }
  return check_meaning(compiler, edit, program, frozen, plan, edited.files);
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
