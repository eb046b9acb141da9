// Debian's archives of LLVM were built with Polly, an optimiser that they name and do not hold. Here is one that does nothing: nobody asks for it.
#include <llvm/Passes/PassPlugin.h>

llvm::PassPluginLibraryInfo getPollyPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "no Polly", LLVM_VERSION_STRING, [](llvm::PassBuilder&) {}};
}
