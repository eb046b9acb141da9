#include "tests/domains/folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace hyperagent::test {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "ha_domains_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

void Folder::write_splits(int n, const std::function<Json(int)>& row) const {
  for (const std::string split : {"train", "val", "test"}) {
    std::string text;
    for (int i = 0; i < n; ++i) {
      Json made = row(i);
      made["id"] = split + std::to_string(i);
      text += made.dump() + "\n";
    }
    write(split + ".jsonl", text);
  }
}

ha::Value DomainHost::call(std::string_view name, const ha::Value& arguments) {
  auto reply = services_->call(std::string(name), Json::parse(arguments.dump()));
  if (!reply || !*reply) return ha::Value::object().with("error", "no such call");
  return ha::Value::parse((*reply)->dump());
}

ha::Task task_of(const Json& input) { return ha::Task(ha::Value::parse(input.dump())); }
Json answer_json(const ha::Answer& answer) { return answer.given() ? Json::parse(answer.value().dump()) : Json(); }

}  // namespace hyperagent::test
