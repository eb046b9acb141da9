// A temporary folder of files, and a host that serves agent blocks from a domain: what the tests of this directory share.
#pragma once

#include <ha/agent.h>

#include <functional>
#include <memory>
#include <string>

#include "hyperagent/core/domain.h"

namespace hyperagent::test {

class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const;  // returns the file's path
  // train.jsonl, val.jsonl and test.jsonl of `n` rows each, with ids; `row` makes the rest of the i-th.
  void write_splits(int n, const std::function<Json(int)>& row) const;

 private:
  std::string path_;
};

class DomainHost : public ha::Host {
 public:
  explicit DomainHost(std::unique_ptr<TaskServices> services) : services_(std::move(services)) {}
  ha::Value call(std::string_view name, const ha::Value& arguments) override;

 private:
  std::unique_ptr<TaskServices> services_;
};

ha::Task task_of(const Json& input);
Json answer_json(const ha::Answer& answer);

}  // namespace hyperagent::test
