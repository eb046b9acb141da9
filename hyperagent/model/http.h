// HTTP over libcurl: pooled connections, hard limits, and an end within a tenth of a second when cancelled.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "hyperagent/core/clock.h"

namespace hyperagent::model {

struct HttpOptions {
  double connect_seconds = 10;
  double idle_seconds = 120;   // without a byte of reply
  double total_seconds = 900;  // of one try
  std::size_t most_bytes = 8u << 20;
  std::string ca_file;  // empty: $HYPERAGENT_CA_FILE, $CURL_CA_BUNDLE, $SSL_CERT_FILE, else the system's
  std::string proxy;    // empty: libcurl's rules ($https_proxy, $no_proxy ...)
};

struct HttpReply {
  long status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct HttpFault {
  enum Kind { NoConnection, Timeout, Cut, TooLarge, Cancelled, Setup };
  Kind kind;
  std::string message;  // libcurl's words; no header, so no key, is ever in it
};

// Thread-safe. Redirects are not followed: a key goes to no other place than the one configured.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  ~HttpClient();
  std::variant<HttpReply, HttpFault> post(const std::string& url, const std::vector<std::string>& headers, const std::string& body,
                                          const CancelFlag& cancel);
  // A quick question: 10 s in all.
  std::variant<HttpReply, HttpFault> get(const std::string& url, const std::vector<std::string>& headers, const CancelFlag& cancel);

 private:
  std::variant<HttpReply, HttpFault> request(const std::string& url, const std::vector<std::string>& headers, const std::string* body,
                                             double total_seconds, const CancelFlag& cancel);
  struct Pool;
  HttpOptions options_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace hyperagent::model
