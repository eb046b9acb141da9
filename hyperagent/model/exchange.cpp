#include "hyperagent/model/exchange.h"

namespace hyperagent::model {

// FNV-1a (Fowler, Noll, Vo), mixed at the end (splitmix64's finish).
std::uint64_t hash_of(std::string_view text, std::uint64_t start) {
  std::uint64_t hash = 0xcbf29ce484222325ull ^ start;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ull;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBull;
  return hash ^ (hash >> 31);
}

ExchangeKey key_of(const CallSite& site, int number, const Json& request) {
  const std::string text = Json{site.entry, site.program, site.place, number, request}.dump(-1, ' ', false, Json::error_handler_t::replace);
  return {hash_of(text, 0), hash_of(text, 0x9E3779B97F4A7C15ull)};
}

ExchangeKey Exchange::key() const { return key_of(site, number, request); }

Json to_json(const Exchange& e) {
  return {{"site", {{"entry", e.site.entry}, {"program", e.site.program}, {"place", e.site.place}, {"generation", e.site.generation}, {"slot", e.site.slot}}},
          {"number", e.number},
          {"request", e.request},
          {"reply", e.reply},
          {"use", to_json(e.use)},
          {"estimated", e.estimated},
          {"tries", e.tries},
          {"seconds", e.seconds}};
}

Exchange exchange_from(const Json& json) {
  Exchange e;
  const Json& site = json.at("site");
  e.site = {site.at("entry"), site.at("program"), site.at("place"), "", site.value("generation", 0), site.value("slot", 0)};
  e.number = json.at("number");
  e.request = json.at("request");
  e.site.model = e.request.value("model", "");
  e.reply = json.at("reply");
  if (!e.request.is_object() || !e.reply.is_object()) throw Json::type_error::create(302, "an exchange has a request and a reply", &json);
  e.use = model_use_from(json.value("use", Json()));
  e.estimated = json.value("estimated", false);
  e.tries = json.value("tries", 1);
  e.seconds = json.value("seconds", 0.0);
  return e;
}

std::string request_text(const Json& request) {
  std::string text;
  if (const auto messages = request.find("messages"); messages != request.end() && messages->is_array())
    for (const Json& message : *messages)
      if (message.is_object() && message.contains("text") && message["text"].is_string()) text += message["text"].get_ref<const std::string&>() + "\n";
  return text;
}

}  // namespace hyperagent::model
