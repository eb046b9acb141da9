#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <clang/CodeGen/CodeGenAction.h>
#include <clang/Frontend/FrontendActions.h>
#include <lld/Common/Driver.h>
#include <llvm/Support/raw_ostream.h>
#include "tooling/programs/compiler.h"
#include "tooling/programs/instrument.h"
#include "tooling/programs/programs.h"
#include "tooling/programs/schemata.h"

LLD_HAS_DRIVER(elf)

namespace hyperagent::programs {
namespace {

// A private folder for the object and the library; the box's /tmp is small and private.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ha-build-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Batch {
  std::vector<Cleaned> cleaned;
  std::vector<std::string> errors;  // per variant; empty: compiles
  std::string entry, share;
  Schema schema;                   // holds some of the variants
  std::vector<std::size_t> alone;  // the others that are not known to be bad, ascending

  void refuse(std::size_t variant, const std::string& why) {
    if (errors[variant].empty()) errors[variant] = why.empty() ? "does not compile" : why;
    if (schema.holds(variant)) schema.drop(variant);
    std::erase(alone, variant);
  }
  void take_out(std::size_t variant) {
    schema.drop(variant);
    alone.insert(std::upper_bound(alone.begin(), alone.end(), variant), variant);
  }
  bool empty() const { return alone.empty() && schema.empty(); }
};

// How closely an error points at variants: at the text of one, at a slot of the schema, at the whole schema or a variant that stands alone.
enum class Aim { kChoice, kSlot, kPiece };

struct Blame {
  Aim aim;
  const std::vector<std::size_t>* variants;
  std::string message;
};

std::vector<Blame> blames(const Unit& unit, const Problems& problems) {
  std::vector<Blame> found;
  for (const Problem& problem : problems.list()) {
    const Mark* mark = mark_at(unit, problem.offset);
    const Piece* piece = piece_at(unit, problem.offset);
    if (mark != nullptr) found.push_back({mark->choice ? Aim::kChoice : Aim::kSlot, &mark->variants, problem.message});
    else if (piece != nullptr) found.push_back({Aim::kPiece, &piece->variants, problem.message});
    if (problem.fatal) break;  // it ended the compilation there: what follows was not looked at
  }
  return found;
}

// Refuses the variants that errors point at, or takes them out of the schema when that may be to blame; true when something was done. Errors
// that point less closely may be consequences of others, so only the closest count.
bool settle(const Unit& unit, const Problems& problems, Batch& batch) {
  const std::vector<Blame> all = blames(unit, problems);
  for (const Aim aim : {Aim::kChoice, Aim::kSlot, Aim::kPiece}) {
    bool done = false;
    for (const Blame& blame : all) {
      if (blame.aim != aim) continue;
      for (const std::size_t variant : *blame.variants) {
        if (!batch.errors[variant].empty()) continue;
        const bool held = batch.schema.holds(variant);
        if (!held && aim != Aim::kPiece) continue;  // taken out by an error before this one
        if (held && (aim != Aim::kChoice || batch.schema.may_compile_alone(variant))) batch.take_out(variant);
        else batch.refuse(variant, blame.message);
        done = true;
      }
    }
    if (done) return true;
  }
  return false;
}

// Errors that lead nowhere, or one unit that spoils the next again and again: judge each alone, once.
void judge_alone(Batch& batch) {
  for (std::size_t variant = 0; variant < batch.cleaned.size(); ++variant)
    if (batch.schema.holds(variant)) batch.take_out(variant);
  const std::vector<std::size_t> all = batch.alone;
  for (const std::size_t variant : all) {
    const Unit alone = assemble(batch.cleaned, {variant}, batch.entry, batch.schema);
    Problems own;
    clang::SyntaxOnlyAction check;
    run_action(check, alone.text, batch.share, own);
    if (!own.list().empty()) batch.refuse(variant, own.list().front().message);
  }
  if (batch.alone.size() < all.size()) return;
  while (batch.alone.size() > 1) batch.refuse(batch.alone.back(), "does not compile beside the other variants");  // fine alone, not together
}

// The instrumented text of the variants that compile, or nothing when none does. Each pass settles at least one variant.
std::string instrumented(Batch& batch) {
  constexpr int kPasses = 20;
  for (int pass = 0; !batch.empty(); ++pass) {
    const Unit unit = assemble(batch.cleaned, batch.alone, batch.entry, batch.schema);
    std::vector<Insertion> insertions;
    Problems problems;
    const auto action = instrument_action(unit, insertions);
    if (!run_action(*action, unit.text, batch.share, problems)) return {};
    if (problems.list().empty()) return apply(unit.text, std::move(insertions));
    if (pass >= kPasses || !settle(unit, problems, batch)) judge_alone(batch);
  }
  return {};
}

// The variants of a request {"variants"}, or {"source","edits"}: the latter share a schema as far as they go.
std::optional<Batch> batch_of(const Json& request, const std::string& share) {
  if (!request.contains("entry") || !request["entry"].is_string()) return std::nullopt;
  Batch batch;
  batch.entry = request["entry"];
  batch.share = share;
  const auto add = [&](const std::string& source) {
    batch.cleaned.push_back(clean(source));
    batch.errors.push_back(batch.cleaned.back().error);
  };
  if (request.contains("variants") && request["variants"].is_array()) {
    for (const Json& variant : request["variants"]) add(variant.is_string() ? variant.get<std::string>() : "");
    for (std::size_t i = 0; i < batch.errors.size(); ++i) if (batch.errors[i].empty()) batch.alone.push_back(i);
    return batch;
  }
  if (!request.contains("source") || !request["source"].is_string() || !request.contains("edits") || !request["edits"].is_array()) return std::nullopt;
  const std::string source = request["source"];
  std::vector<TextEdit> edits;
  for (const Json& json : request["edits"]) {
    TextEdit edit{json.value("offset", std::size_t{0}), json.value("length", std::size_t{0}), json.value("text", std::string())};
    if (edit.offset > source.size() || edit.length > source.size() - edit.offset) return std::nullopt;
    add(std::string(source).replace(edit.offset, edit.length, edit.text));
    edits.push_back(std::move(edit));
  }
  const Cleaned original = clean(source);
  Slots slots;
  if (original.error.empty()) {
    const Unit unit = assemble({original}, {0}, batch.entry, batch.schema);
    Problems problems;
    run_action(*slots_action(unit, slots), unit.text, share, problems);
  }
  batch.schema = Schema(original.text, std::move(edits), slots);
  for (std::size_t i = 0; i < batch.errors.size(); ++i) {
    if (!batch.errors[i].empty()) batch.schema.drop(i);
    else if (!batch.schema.holds(i)) batch.alone.push_back(i);
  }
  return batch;
}

std::string link(const std::string& object, const std::string& library) {
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  const std::vector<const char*> arguments = {"ld.lld", "-shared", "--eh-frame-hdr", "--hash-style=gnu", "--threads=1", "-o", library.c_str(), object.c_str()};
  const lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  return result.retCode == 0 ? "" : "the linker failed: " + messages;
}

}  // namespace

Json build_cpp(const Json& request, const std::string& share) {
  auto read = batch_of(request, share);
  if (!read) return {{"error", "build_cpp needs \"entry\" and either \"variants\" or \"source\" and \"edits\" inside it"}};
  Batch& batch = *read;
  Json reply = {{"library", nullptr}, {"compiled", Json::array()}, {"errors", Json::array()}};
  const std::string text = instrumented(batch);
  if (!text.empty()) {
    Scratch scratch;
    if (scratch.path().empty()) return {{"error", "cannot create a temporary folder"}};
    const std::string object = scratch.path() + "/program.o", library = scratch.path() + "/program.so";
    Problems problems;
    clang::EmitObjAction emit;
    const bool ran = run_action(emit, text, share, problems, object);
    if (!ran || !problems.list().empty()) {
      const std::string why = problems.list().empty() ? "the compiler failed" : problems.list().front().message;
      return {{"error", "the instrumented programs do not compile: " + why}};
    }
    if (std::string error = link(object, library); !error.empty()) return {{"error", error}};
    std::ifstream file(library, std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    reply["library"] = Json::binary(bytes);
  }
  for (const std::string& error : batch.errors) {
    reply["compiled"].push_back(error.empty());
    reply["errors"].push_back(error);
  }
  return reply;
}

Result<void> build_precompiled_header(const std::string& share) {
  Problems problems;
  clang::GeneratePCHAction action;
  if (!run_on_harness(action, share, problems, share + "/programs.pch")) return environment_error("cannot precompile " + share + "/cpp_harness.h: it cannot be read");
  if (!problems.list().empty()) return environment_error("cannot precompile " + share + "/cpp_harness.h: " + problems.list().front().message);
  return {};
}

}  // namespace hyperagent::programs
