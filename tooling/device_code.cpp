#include "tooling/device_code.h"

#include <clang/CodeGen/CodeGenAction.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/Utils.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Linker/Linker.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/IPO/Internalize.h>

#include <fstream>
#include <optional>
#include <set>

#include "tooling/collector.h"
#include "tooling/program.h"

namespace hyperagent::tooling {
namespace {

constexpr const char *kTriple = "nvptx64-nvidia-cuda", *kProcessor = "sm_80";  // a driver assembles it for newer devices too
constexpr const char* kReward = "_Z6rewardRKN2ha5robot5StateE";
constexpr const char* kKernels = "ha_robot_";  // what the kernels' names begin with

const char* headers_for_rewards() {
  return "a reward for a device may include <ha/robot.h>, <cmath>, <algorithm>, <array>, <cstddef>, <cstdint> and <limits>";
}

Refusal refused(const std::string& why) { return {"device", "the reward cannot run on a device: " + why}; }

void initialise_device_target() {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
}

// Nothing and errors when it does not compile.
std::unique_ptr<llvm::Module> compile(const std::string& source, const std::vector<std::string>& folders, const Files& files,
                                      llvm::LLVMContext& context, std::vector<Diagnostic>& errors) {
  // No exceptions, no type information and no C++ library: then Clang itself says where a source asks for one. Contraction to fused
  // multiply-adds is what compilers for devices do, and what g++ does for the CPU.
  std::vector<std::string> words = {"clang++",
                                    "-x",
                                    "c++",
                                    std::string("--target=") + kTriple,
                                    std::string("-march=") + kProcessor,
                                    "-nogpulib",
                                    "-nostdinc",
                                    "-std=c++20",
                                    "-O2",
                                    "-ffreestanding",
                                    "-fno-exceptions",
                                    "-fno-rtti",
                                    "-fno-threadsafe-statics",
                                    "-fno-math-errno",
                                    "-fno-trapping-math",
                                    "-ffp-contract=fast",
                                    "-ftemplate-depth=256",
                                    "-fconstexpr-steps=200000",
                                    "-w",
                                    "-emit-llvm",
                                    "-c"};
  for (const std::string& folder : folders) words.push_back("-I" + folder);
  words.push_back(source);
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  clang::CreateInvocationOptions options;
  options.ProbePrecompiled = false;
  options.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions, new clang::IgnoringDiagConsumer);
  auto invocation = std::shared_ptr<clang::CompilerInvocation>(clang::createInvocation(arguments, options));
  if (!invocation) {
    errors.push_back({source, 0, 0, "Clang cannot be set up for a device", false});
    return nullptr;
  }
  invocation->getFrontendOpts().DisableFree = false;
  invocation->getDiagnosticOpts().ShowCarets = false;
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto& [path, text] : files) memory->addFile(kAgentRoot + path, 0, llvm::MemoryBuffer::getMemBufferCopy(text));
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(llvm::vfs::getRealFileSystem());
  overlay->pushOverlay(memory);
  Collector collector(errors);
  clang::CompilerInstance instance;
  instance.setInvocation(invocation);
  instance.createDiagnostics(&collector, false);
  instance.createFileManager(overlay);
  clang::EmitLLVMOnlyAction action(&context);
  if (!instance.ExecuteAction(action) || !errors.empty()) {
    if (errors.empty()) errors.push_back({source, 0, 0, "cannot be compiled", false});
    return nullptr;
  }
  return action.takeModule();
}

std::unique_ptr<llvm::TargetMachine> target_machine() {
  std::string why;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(kTriple, why);
  if (target == nullptr) return nullptr;
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(kTriple, kProcessor, "", options, llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

void optimise(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::internalizeModule(module, [](const llvm::GlobalValue& value) { return value.getName().starts_with(kKernels); });
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

// Functions that LLVM knows but the device's instructions do not: the backend ends the process at them.
bool without_instruction(llvm::Intrinsic::ID id) {
  switch (id) {
    case llvm::Intrinsic::sin:
    case llvm::Intrinsic::cos:
    case llvm::Intrinsic::tan:
    case llvm::Intrinsic::exp:
    case llvm::Intrinsic::exp2:
    case llvm::Intrinsic::exp10:
    case llvm::Intrinsic::log:
    case llvm::Intrinsic::log2:
    case llvm::Intrinsic::log10:
    case llvm::Intrinsic::pow:
    case llvm::Intrinsic::powi:
    case llvm::Intrinsic::ldexp:
    case llvm::Intrinsic::frexp:
      return true;
    default:
      return false;
  }
}

// What of the optimised module a device cannot do, in words; nothing when it can do all of it.
std::optional<std::string> obstacle_in(const llvm::Module& module) {
  for (const llvm::GlobalVariable& variable : module.globals()) {
    const std::string name = llvm::demangle(variable.getName().str());
    if (name == "llvm.global_ctors") return "it has a global variable that is set up by code; make it constexpr";
    if (name.starts_with("llvm.")) continue;
    if (variable.isDeclaration()) return "it uses the variable " + name + ", which nothing defines";
    if (!variable.isConstant()) return "it keeps state in the variable " + name + "; a reward is a pure function of the robot's state";
  }
  for (const llvm::Function& function : module) {
    if (!function.isDeclaration()) continue;
    const std::string name = llvm::demangle(function.getName().str());
    if (function.isIntrinsic() ? without_instruction(function.getIntrinsicID()) : !function.use_empty())
      return "it calls " + name + ", which a device does not have; " + headers_for_rewards();
  }
  for (const llvm::Function& function : module)
    for (const llvm::Instruction& instruction : llvm::instructions(function)) {
      const auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (call != nullptr && call->isInlineAsm()) return "it has inline assembly";
    }
  if (!module.getModuleInlineAsm().empty()) return "it has inline assembly";
  return std::nullopt;
}

// A link error is a message to the context; without a handler it ends the process.
class KeepMessage : public llvm::DiagnosticHandler {
 public:
  explicit KeepMessage(std::string& message) : message_(message) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    if (info.getSeverity() != llvm::DS_Error) return true;
    llvm::raw_string_ostream stream(message_);
    llvm::DiagnosticPrinterRawOStream printer(stream);
    info.print(printer);
    return true;
  }

 private:
  std::string& message_;
};

std::vector<std::string> header_folders(const std::string& share) { return {share + "/device/include", share + "/include"}; }

}  // namespace

Result<void> DeviceCode::build(const std::string& share, const std::string& source, const std::string& root) {
  initialise_device_target();
  auto folders = header_folders(share);
  folders.push_back(root);
  llvm::LLVMContext context;
  std::vector<Diagnostic> errors;
  const auto module = compile(source, folders, {}, context, errors);
  if (!module) return environment_error("cannot compile the robot's program for a device: " + describe(errors));
  std::error_code failed;
  llvm::raw_fd_ostream out(share + "/device/program.bc", failed);
  if (failed) return environment_error("cannot write " + share + "/device/program.bc: " + failed.message());
  llvm::WriteBitcodeToFile(*module, out);
  return {};
}

Result<std::unique_ptr<DeviceCode>> DeviceCode::open(const std::string& share) {
  const std::string path = share + "/device/program.bc";
  std::ifstream in(path, std::ios::binary);
  if (!in) return environment_error("cannot read " + path + ": build hyperagent again");
  initialise_device_target();
  std::unique_ptr<DeviceCode> code(new DeviceCode);
  code->share_ = share;
  code->bitcode_.assign(std::istreambuf_iterator<char>(in), {});
  return code;
}

Verdict<std::string> DeviceCode::ptx(const Files& files) const {
  llvm::LLVMContext context;
  std::string message;
  context.setDiagnosticHandler(std::make_unique<KeepMessage>(message));
  auto program = llvm::parseBitcodeFile(llvm::MemoryBufferRef(bitcode_, "program.bc"), context);
  if (!program)
    return refused("the robot's own program does not load (" + llvm::toString(program.takeError()) + "); build hyperagent again");
  llvm::Module& module = **program;
  for (const auto& [path, text] : files) {
    if (!is_source(path) || half_of(path) != "task") continue;
    std::vector<Diagnostic> errors;
    auto half = compile(kAgentRoot + path, header_folders(share_), files, context, errors);
    if (!half) {
      const bool missing = !errors.empty() && errors.front().message.find("file not found") != std::string::npos;
      return refused(describe(errors) + (missing ? std::string("; ") + headers_for_rewards() : ""));
    }
    if (llvm::Linker::linkModules(module, std::move(half))) return refused("its files do not fit together: " + message);
  }
  const llvm::Function* reward = module.getFunction(kReward);
  if (reward == nullptr || reward->isDeclaration()) return refused("no file of the task half defines reward(const ha::robot::State&)");
  auto machine = target_machine();
  if (!machine) return refused("this LLVM has no target for it");
  optimise(module, *machine);
  if (const auto obstacle = obstacle_in(module)) return refused(*obstacle);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return refused("this LLVM cannot write PTX");
  passes.run(module);
  return text.str().str();
}

}  // namespace hyperagent::tooling
