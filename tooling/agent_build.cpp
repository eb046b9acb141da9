#include "tooling/agent_build.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA1.h>

#include "tooling/program.h"

namespace hyperagent::tooling {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSolve = "solve ha::Answer (const ha::Task &, ha::Host &)";
constexpr const char* kImprove = "improve ha::Proposal (const ha::Self &, ha::Host &)";

std::string sha1(const std::string& bytes) {
  return llvm::toHex(llvm::SHA1::hash(llvm::ArrayRef<uint8_t>(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size())), true);
}

std::optional<CompiledUnit> cached(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const Json json = Json::from_cbor(bytes, true, false);
  if (!json.is_object()) return std::nullopt;
  CompiledUnit unit;
  const auto& object = json["object"].get_binary();
  unit.object.assign(object.begin(), object.end());
  unit.ast_hash = json["ast_hash"].get<std::string>();
  unit.definitions = json["definitions"].get<std::vector<std::string>>();
  return unit;
}

// Written under another name and renamed: requests run in processes of their own and may meet here.
void store(const std::string& file, const CompiledUnit& unit) {
  const Json json = {{"object", Json::binary(std::vector<std::uint8_t>(unit.object.begin(), unit.object.end()))},
                     {"ast_hash", unit.ast_hash},
                     {"definitions", unit.definitions}};
  const std::vector<std::uint8_t> bytes = Json::to_cbor(json);
  const std::string fresh = file + "." + std::to_string(getpid());
  std::ofstream out(fresh, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code ignored;
  if (out)
    fs::rename(fresh, file, ignored);
  else
    fs::remove(fresh, ignored);  // a full cache only costs time
}

}  // namespace

std::string unit_key(const std::string& path, const Files& files) {
  std::string all = path + '\0' + files.at(path);
  for (const auto& [other, text] : files)
    if (other.ends_with(".h")) all += '\0' + other + '\0' + text;
  return sha1(all);
}

Result<Verdict<CompiledAgent>> build_agent(const Compiler& compiler, const Files& files, const std::string& cache) {
  std::vector<std::string> objects, definitions;
  std::string hashes;
  std::map<std::string, std::string> halves;
  for (const auto& [path, text] : files) {
    if (!is_source(path)) continue;
    const std::string file = cache + "/" + unit_key(path, files);
    auto unit = cached(file);
    if (!unit) {
      unit = compiler.compile(path, files);
      if (!unit->errors.empty()) return Verdict<CompiledAgent>(refuse(unit->errors));
      store(file, *unit);
    }
    hashes += path + " " + unit->ast_hash + "\n";
    halves[half_of(path)] += unit->object;
    objects.push_back(std::move(unit->object));
    definitions.insert(definitions.end(), unit->definitions.begin(), unit->definitions.end());
  }
  for (const char* entry : {kSolve, kImprove})
    if (std::count(definitions.begin(), definitions.end(), entry) != 1)
      return Verdict<CompiledAgent>(Refusal{refusal::kEntryPoints, std::string("the program must define once: ") + entry});
  auto library = link_shared(objects);
  if (!library) {
    if (library.error().kind == ErrorKind::Environment) return library.error();
    return Verdict<CompiledAgent>(Refusal{"compile", library.error().message});
  }
  CompiledAgent agent{std::move(*library), sha1(hashes), Json::object()};
  for (const auto& [half, bytes] : halves) agent.object_hashes[half] = sha1(bytes);
  return Verdict<CompiledAgent>(std::move(agent));
}

}  // namespace hyperagent::tooling
