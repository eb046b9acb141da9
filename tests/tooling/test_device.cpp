// The robot's physics compiles for a CUDA device: with the embedded Clang, without CUDA's headers and libraries.
#include "tests/tooling/fixture.h"

#include <clang/CodeGen/CodeGenAction.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/TextDiagnosticBuffer.h>
#include <clang/Frontend/Utils.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>

TEST_CASE("the physics of one robot a thread compiles to PTX") {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  const std::string source = HYPERAGENT_SOURCE_DIR "/domains/robot_reward/kernels/device_step.cu";
  const std::vector<const char*> arguments = {"clang++", "-x", "cuda", "--cuda-path=/nonexistent", "--cuda-device-only", "-nocudainc", "-nocudalib", "--cuda-gpu-arch=sm_90", "-std=c++20",
                                              "-O2", "-S", "-w", "-resource-dir", CLANG_RESOURCE_DIR, "-I" HYPERAGENT_SOURCE_DIR, source.c_str()};
  clang::TextDiagnosticBuffer diagnostics;
  clang::CreateInvocationOptions options;
  options.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, &diagnostics, false);
  std::shared_ptr<clang::CompilerInvocation> invocation(clang::createInvocation(arguments, options));
  REQUIRE(invocation);
  clang::CompilerInstance instance;
  instance.setInvocation(invocation);
  instance.createDiagnostics(&diagnostics, false);
  auto output = std::make_unique<llvm::SmallString<0>>();
  llvm::SmallString<0>* ptx = output.get();
  instance.setOutputStream(std::make_unique<llvm::raw_svector_ostream>(*ptx));
  clang::EmitAssemblyAction action;
  const bool compiled = instance.ExecuteAction(action);
  std::string errors;
  for (auto at = diagnostics.err_begin(); at != diagnostics.err_end(); ++at) errors += at->second + "\n";
  INFO(errors);
  REQUIRE(compiled);
  CHECK(ptx->str().contains(".entry ha_control_step"));
  CHECK(ptx->str().contains("fma.rn.f32"));
  CHECK_FALSE(ptx->str().contains(".extern .func"));  // nothing left to link
}
