#include "tests/model/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

namespace hyperagent::model_test {
namespace {

void sleep_for(double seconds, const std::atomic<bool>& closing) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!closing && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

bool send_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::send(fd, data, size, MSG_NOSIGNAL);
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

std::string event(const Json& json) { return "data: " + json.dump() + "\n\n"; }

}  // namespace

Loopback::Loopback(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0) std::abort();
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

Loopback::~Loopback() {
  closing_ = true;
  accepting_.join();
  for (std::thread& thread : serving_) thread.join();
  ::close(listener_);
}

std::vector<Asked> Loopback::asked() const {
  std::lock_guard lock(mutex_);
  return asked_;
}

void Loopback::accept_all() {
  while (!closing_) {
    pollfd ready{listener_, POLLIN, 0};
    if (::poll(&ready, 1, 10) <= 0) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const int on = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    serving_.emplace_back([this, connection] {
      serve(connection);
      ::close(connection);
    });
  }
}

void Loopback::serve(int connection) {
  std::string data;
  while (!closing_) {
    const std::size_t head_end = data.find("\r\n\r\n");
    std::size_t whole = std::string::npos;
    if (head_end != std::string::npos) {
      const std::size_t at = data.find("Content-Length: ");
      whole = head_end + 4 + (at < head_end ? static_cast<std::size_t>(std::atoll(data.c_str() + at + 16)) : 0);
    }
    if (whole != std::string::npos && data.size() >= whole) {
      Asked asked;
      asked.head = data.substr(0, head_end + 2);
      asked.body = data.substr(head_end + 4, whole - head_end - 4);
      const std::size_t space = asked.head.find(' ');
      asked.path = asked.head.substr(space + 1, asked.head.find(' ', space + 1) - space - 1);
      data.erase(0, whole);
      {
        std::lock_guard lock(mutex_);
        asked_.push_back(asked);
      }
      const int now = ++at_once_;
      for (int most = most_at_once_; now > most && !most_at_once_.compare_exchange_weak(most, now);) {
      }
      const Said said = handler_(asked, requests_++);
      sleep_for(said.wait_seconds, closing_);
      send_body(connection, said);
      --at_once_;
      if (said.cut_after >= 0) return;
      continue;
    }
    pollfd ready{connection, POLLIN, 0};
    if (::poll(&ready, 1, 10) <= 0) continue;
    char buffer[1 << 16];
    const ssize_t n = ::recv(connection, buffer, sizeof buffer, 0);
    if (n <= 0) return;
    data.append(buffer, static_cast<std::size_t>(n));
  }
}

void Loopback::send_body(int connection, const Said& said) {
  const std::string head = "HTTP/1.1 " + std::to_string(said.status) + " said\r\n" + said.headers + "Content-Length: " + std::to_string(said.body.size()) + "\r\n\r\n";
  const std::size_t all = said.cut_after >= 0 ? std::min(said.body.size(), static_cast<std::size_t>(said.cut_after)) : said.body.size();
  const std::size_t half = said.pause_seconds > 0 ? all / 2 : all;
  if (!send_all(connection, (head + said.body.substr(0, half)).data(), head.size() + half)) return;
  if (half == all) return;
  sleep_for(said.pause_seconds, closing_);
  send_all(connection, said.body.data() + half, all - half);
}

Said openai_said(const std::string& text, bool stream) {
  const Json usage = {{"prompt_tokens", 20}, {"completion_tokens", 5}, {"total_tokens", 25}};
  Said said;
  if (!stream) {
    said.body = Json{{"model", "tiny-1"}, {"choices", {{{"index", 0}, {"message", {{"role", "assistant"}, {"content", text}}}, {"finish_reason", "stop"}}}}, {"usage", usage}}.dump();
    return said;
  }
  said.headers = "Content-Type: text/event-stream\r\n";
  const std::size_t half = text.size() / 2;
  for (const std::string& part : {text.substr(0, half), text.substr(half)})
    said.body += "data: {\"model\":\"tiny-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":" + Json(part).dump(-1, ' ', false, Json::error_handler_t::ignore) + "}}]}\n\n";
  said.body += event({{"model", "tiny-1"}, {"choices", {{{"index", 0}, {"delta", Json::object()}, {"finish_reason", "stop"}}}}});
  said.body += event({{"model", "tiny-1"}, {"choices", Json::array()}, {"usage", usage}}) + "data: [DONE]\n\n";
  return said;
}

Said anthropic_said(const std::string& text, bool stream) {
  Said said;
  if (!stream) {
    said.body = Json{{"type", "message"}, {"model", "tiny-1"}, {"content", {{{"type", "text"}, {"text", text}}}}, {"stop_reason", "end_turn"}, {"usage", {{"input_tokens", 20}, {"output_tokens", 5}}}}.dump();
    return said;
  }
  said.headers = "Content-Type: text/event-stream; charset=utf-8\r\n";
  const auto put = [&](const char* type, Json json) {
    json["type"] = type;
    said.body += std::string("event: ") + type + "\n" + event(json);
  };
  put("message_start", {{"message", {{"model", "tiny-1"}, {"usage", {{"input_tokens", 20}, {"output_tokens", 1}}}}}});
  put("content_block_start", {{"index", 0}, {"content_block", {{"type", "text"}, {"text", ""}}}});
  put("ping", Json::object());
  put("content_block_delta", {{"index", 0}, {"delta", {{"type", "text_delta"}, {"text", text}}}});
  put("content_block_stop", {{"index", 0}});
  put("message_delta", {{"delta", {{"stop_reason", "end_turn"}}}, {"usage", {{"output_tokens", 5}}}});
  put("message_stop", Json::object());
  return said;
}

Said ollama_said(const std::string& text, bool stream) {
  const Json counts = {{"model", "tiny-1"}, {"done", true}, {"done_reason", "stop"}, {"prompt_eval_count", 20}, {"eval_count", 5}};
  Said said;
  const auto with = [](Json json, const std::string& part) {
    json["message"] = {{"role", "assistant"}, {"content", part}};
    return json.dump(-1, ' ', false, Json::error_handler_t::ignore);
  };
  if (!stream) {
    said.body = with(counts, text);
    return said;
  }
  said.headers = "Content-Type: application/x-ndjson\r\n";
  const std::size_t half = text.size() / 2;
  for (const std::string& part : {text.substr(0, half), text.substr(half)})
    said.body += with({{"model", "tiny-1"}, {"done", false}}, part) + "\n";
  said.body += with(counts, "") + "\n";
  return said;
}

}  // namespace hyperagent::model_test
