#include "hyperagent/model/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

namespace hyperagent::model {
namespace {

constexpr int kCancelPollMs = 50;

struct Received {
  HttpReply reply;
  std::size_t limit = 0;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* to) {
  auto& received = *static_cast<Received*>(to);
  if (received.reply.body.size() + size > received.limit) {
    received.too_large = true;
    return 0;
  }
  received.reply.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* to) {
  auto& received = *static_cast<Received*>(to);
  const std::string line(data, size);
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) received.reply.headers.clear();  // of an interim or proxy reply
  if (colon == std::string::npos || received.reply.headers.size() > 200) return size;
  std::string name = line.substr(0, colon);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t begin = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
  const std::size_t end = line.find_last_not_of(" \t\r\n");
  received.reply.headers[name] = end == std::string::npos || end < begin ? "" : line.substr(begin, end - begin + 1);
  return size;
}

HttpFault::Kind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return HttpFault::Timeout;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return HttpFault::NoConnection;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION: return HttpFault::Setup;
    default: return HttpFault::Cut;
  }
}

std::string ca_file_of(const HttpOptions& options) {
  if (!options.ca_file.empty()) return options.ca_file;
  for (const char* name : {"HYPERAGENT_CA_FILE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return "";
}

// curl_global_init is not thread-safe in all builds; once, before the first client.
void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)started;
}

}  // namespace

// Handles keep their connections, so a call after the first one costs no handshake.
struct HttpClient::Pool {
  struct Handle {
    CURLM* multi = curl_multi_init();
    CURL* easy = curl_easy_init();
    ~Handle() {
      if (easy != nullptr) curl_easy_cleanup(easy);
      if (multi != nullptr) curl_multi_cleanup(multi);
    }
  };
  std::mutex mutex;
  std::vector<std::unique_ptr<Handle>> idle;

  std::unique_ptr<Handle> take() {
    std::lock_guard lock(mutex);
    if (idle.empty()) return std::make_unique<Handle>();
    auto handle = std::move(idle.back());
    idle.pop_back();
    return handle;
  }
  void give(std::unique_ptr<Handle> handle) {
    std::lock_guard lock(mutex);
    idle.push_back(std::move(handle));
  }
};

HttpClient::HttpClient(HttpOptions options) : options_(std::move(options)), pool_(std::make_unique<Pool>()) {
  start_libcurl();
  options_.ca_file = ca_file_of(options_);
}
HttpClient::~HttpClient() = default;

std::variant<HttpReply, HttpFault> HttpClient::post(const std::string& url, const std::vector<std::string>& headers, const std::string& body,
                                                    const CancelFlag& cancel) {
  return request(url, headers, &body, options_.total_seconds, cancel);
}

std::variant<HttpReply, HttpFault> HttpClient::get(const std::string& url, const std::vector<std::string>& headers,
                                                   const CancelFlag& cancel) {
  return request(url, headers, nullptr, std::min(10.0, options_.total_seconds), cancel);
}

std::variant<HttpReply, HttpFault> HttpClient::request(const std::string& url, const std::vector<std::string>& headers,
                                                       const std::string* body, double total_seconds, const CancelFlag& cancel) {
  auto handle = pool_->take();
  CURL* easy = handle->easy;
  if (easy == nullptr || handle->multi == nullptr) return HttpFault{HttpFault::Setup, "libcurl could not be started"};
  curl_slist* list = nullptr;
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  list = curl_slist_append(list, "Expect:");  // no pause for "100 Continue" before a long prompt
  Received received;
  received.limit = options_.most_bytes;
  char words[CURL_ERROR_SIZE] = "";
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
  if (body != nullptr) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->c_str());
  }
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &received);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_seconds * 1e3));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(total_seconds * 1e3));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(options_.idle_seconds)));
  if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (!options_.proxy.empty()) curl_easy_setopt(easy, CURLOPT_PROXY, options_.proxy.c_str());

  curl_multi_add_handle(handle->multi, easy);
  int running = 1;
  CURLcode code = CURLE_OK;
  bool cancelled = false;
  while (running > 0) {
    if (cancel) {
      cancelled = true;
      break;
    }
    if (curl_multi_perform(handle->multi, &running) != CURLM_OK) {
      code = CURLE_FAILED_INIT;
      break;
    }
    if (running > 0) curl_multi_poll(handle->multi, nullptr, 0, kCancelPollMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(handle->multi, &left))
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &received.reply.status);
  curl_multi_remove_handle(handle->multi, easy);
  curl_slist_free_all(list);
  if (cancelled) return HttpFault{HttpFault::Cancelled, "stopped on request"};  // the handle goes: its connection is in the middle of a reply
  if (received.too_large) return HttpFault{HttpFault::TooLarge, "the reply is larger than " + std::to_string(options_.most_bytes >> 20) + " MiB"};
  if (code != CURLE_OK) return HttpFault{kind_of(code), *words != '\0' ? words : curl_easy_strerror(code)};
  pool_->give(std::move(handle));
  return std::move(received.reply);
}

}  // namespace hyperagent::model
