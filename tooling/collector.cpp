#include "tooling/collector.h"

#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/SourceManager.h>
#include <llvm/ADT/SmallString.h>

#include <string_view>

namespace hyperagent::tooling {

void Collector::HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) {
  DiagnosticConsumer::HandleDiagnostic(level, info);
  if (level < clang::DiagnosticsEngine::Error) return;
  Diagnostic error;
  llvm::SmallString<256> text;
  info.FormatDiagnostic(text);
  error.message = text.str().str();
  if (info.hasSourceManager() && info.getLocation().isValid()) {
    const auto place = info.getSourceManager().getPresumedLoc(info.getLocation());
    if (place.isValid()) {
      error.file = place.getFilename();
      if (error.file.starts_with(kAgentRoot)) error.file.erase(0, std::string_view(kAgentRoot).size());
      error.line = place.getLine();
      error.column = place.getColumn();
    }
  }
  const auto category = clang::DiagnosticIDs::getCategoryNameFromID(clang::DiagnosticIDs::getCategoryNumberForDiag(info.getID()));
  error.syntax = category == "Parse Issue" || category == "Lexical or Preprocessor Issue";
  errors_.push_back(std::move(error));
}

}  // namespace hyperagent::tooling
