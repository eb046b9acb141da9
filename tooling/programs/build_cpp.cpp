#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <clang/CodeGen/CodeGenAction.h>
#include <clang/Frontend/FrontendActions.h>
#include <lld/Common/Driver.h>
#include <llvm/Support/raw_ostream.h>
#include "tooling/programs/compiler.h"
#include "tooling/programs/instrument.h"
#include "tooling/programs/programs.h"

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
};

// Drops from `which` the variants that errors point at; true when something was dropped.
bool drop(const Unit& unit, const Problems& problems, std::vector<std::size_t>& which, Batch& batch) {
  std::set<std::size_t> bad;
  for (const Problem& problem : problems.list()) {
    const Piece* piece = piece_at(unit, problem.offset);
    if (piece == nullptr) continue;
    for (const std::size_t variant : piece->variants) {
      if (batch.errors[variant].empty()) batch.errors[variant] = problem.message;
      bad.insert(variant);
    }
    // A fatal error ends the compilation there: what follows was not looked at, so only this one is known to be bad.
    if (problem.fatal) break;
  }
  std::erase_if(which, [&](std::size_t variant) { return bad.count(variant) != 0; });
  return !bad.empty();
}

// The instrumented text of the variants that compile, or nothing when none does. Each pass drops at least one variant.
std::string instrumented(std::vector<std::size_t>& which, Batch& batch) {
  constexpr int kPasses = 12;
  const std::vector<std::size_t> all = which;
  const std::vector<std::string> no_errors = batch.errors;
  bool shared = !which.empty();
  for (int pass = 0; !which.empty() || shared; ++pass) {
    if (shared && 2 * which.size() < all.size()) {  // sharing itself may be what does not compile: start again without
      which = all;
      batch.errors = no_errors;
      shared = false;
    }
    const Unit unit = assemble(batch.cleaned, which, batch.entry, shared);
    std::vector<Insertion> insertions;
    Problems problems;
    const auto action = instrument_action(unit, insertions);
    if (!run_action(*action, unit.text, batch.share, problems)) return {};
    if (problems.list().empty()) return apply(unit.text, std::move(insertions));
    if (pass < kPasses && drop(unit, problems, which, batch)) continue;
    // Errors that lead nowhere, or one unit that spoils the next again and again: judge each alone, once.
    std::vector<std::size_t> good;
    for (const std::size_t variant : which) {
      const Unit alone = assemble(batch.cleaned, {variant}, batch.entry, false);
      Problems own;
      clang::SyntaxOnlyAction check;
      run_action(check, alone.text, batch.share, own);
      if (own.list().empty()) good.push_back(variant);
      else batch.errors[variant] = own.list().front().message;
    }
    if (good.size() == which.size()) {  // fine alone, not together: keep the first
      for (std::size_t i = 1; i < good.size(); ++i) batch.errors[good[i]] = "does not compile beside the other variants";
      good.resize(1);
    }
    which = good;
  }
  return {};
}

std::string link(const std::string& object, const std::string& library) {
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  const std::vector<const char*> arguments = {"ld.lld", "-shared", "--hash-style=gnu", "--threads=1", "-o", library.c_str(), object.c_str()};
  const lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  return result.retCode == 0 ? "" : "the linker failed: " + messages;
}

}  // namespace

Json build_cpp(const Json& request, const std::string& share) {
  if (!request.contains("variants") || !request["variants"].is_array() || !request.contains("entry") || !request["entry"].is_string()) {
    return {{"error", "build_cpp needs \"entry\" and \"variants\""}};
  }
  Batch batch{{}, {}, request["entry"].get<std::string>(), share};
  std::vector<std::size_t> which;
  for (const Json& variant : request["variants"]) {
    batch.cleaned.push_back(clean(variant.is_string() ? variant.get<std::string>() : ""));
    batch.errors.push_back(batch.cleaned.back().error);
    if (batch.errors.back().empty()) which.push_back(batch.cleaned.size() - 1);
  }
  Json reply = {{"library", nullptr}, {"compiled", Json::array()}, {"errors", Json::array()}};
  const std::string text = instrumented(which, batch);
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
  for (std::size_t i = 0; i < batch.cleaned.size(); ++i) {
    const bool compiled = std::find(which.begin(), which.end(), i) != which.end();
    reply["compiled"].push_back(compiled);
    reply["errors"].push_back(compiled ? "" : batch.errors[i].empty() ? "does not compile" : batch.errors[i]);
  }
  return reply;
}

Result<void> build_precompiled_header(const std::string& harness, const std::string& share) {
  std::error_code failed;
  std::filesystem::create_directories(share, failed);
  Problems problems;
  clang::GeneratePCHAction action;
  const Precompiled precompile{harness, share + "/programs.pch"};
  if (!run_action(action, "", share, problems, {}, &precompile)) return environment_error("cannot set up the compiler for " + harness);
  if (!problems.list().empty()) return environment_error("cannot precompile " + harness + ": " + problems.list().front().message);
  return {};
}

}  // namespace hyperagent::programs
