// A server on 127.0.0.1 that speaks HTTP just well enough, and as badly as a test wants.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hyperagent/core/json.h"

namespace hyperagent::model_test {

struct Asked {
  std::string path, head, body;
  Json json() const { return Json::parse(body, nullptr, false); }
  bool has_header(const std::string& line) const { return head.find(line + "\r\n") != std::string::npos; }
};

struct Said {
  int status = 200;
  std::string body;
  std::string headers = "Content-Type: application/json\r\n";
  double wait_seconds = 0;      // before the first byte
  long long cut_after = -1;     // bytes of the body sent before the connection is cut; -1: all
  double pause_seconds = 0;     // in the middle of the body
};

class Loopback {
 public:
  using Handler = std::function<Said(const Asked&, int number)>;  // number: 0 for the first request
  explicit Loopback(Handler handler);
  ~Loopback();
  Loopback(const Loopback&) = delete;
  Loopback& operator=(const Loopback&) = delete;

  std::string url(const std::string& path = "") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  int requests() const { return requests_; }
  int most_at_once() const { return most_at_once_; }
  int connections() const { return connections_; }
  std::vector<Asked> asked() const;

 private:
  void accept_all();
  void serve(int connection);
  void send_body(int connection, const Said& said);

  Handler handler_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> closing_ = false;
  std::atomic<int> requests_ = 0, at_once_ = 0, most_at_once_ = 0, connections_ = 0;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

// Replies as the two wire formats write them, streamed or whole.
Said openai_said(const std::string& text, bool stream = true);
Said anthropic_said(const std::string& text, bool stream = true);
Said ollama_said(const std::string& text, bool stream = true);

}  // namespace hyperagent::model_test
