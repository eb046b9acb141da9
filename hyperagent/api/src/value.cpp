#include <ha/value.h>

#include <cstring>
#include <utility>

#include "value_data.h"

namespace ha {
namespace {

using Json = nlohmann::json;

const Value::Data* at(std::shared_ptr<const Json> root, const Json* node) { return new Value::Data{std::move(root), node}; }

const Value::Data* own(Json json) {
  auto root = std::make_shared<const Json>(std::move(json));
  const Json* node = root.get();
  return at(std::move(root), node);
}

const Value::Data* share(const Value::Data* data) {
  if (data != nullptr) data->shares.fetch_add(1, std::memory_order_relaxed);
  return data;
}

void drop(const Value::Data* data) {
  if (data != nullptr && data->shares.fetch_sub(1, std::memory_order_acq_rel) == 1) delete data;
}

const Json& node_of(const Value& value) {
  static const Json null;
  return value.data() != nullptr ? *value.data()->node : null;
}

}  // namespace

Value from_json(nlohmann::json json) { return Value(own(std::move(json))); }
const nlohmann::json& to_json(const Value& value) { return node_of(value); }

TextRef::TextRef(const char* text) : data(text), size(text == nullptr ? 0 : std::strlen(text)) {}
TextRef::TextRef(const std::string& text) : data(text.data()), size(text.size()) {}
TextRef::TextRef(std::string_view text) : data(text.data()), size(text.size()) {}

Value::Value(const Value& other) : data_(share(other.data_)) {}
Value::Value(Value&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
Value& Value::operator=(const Value& other) {
  drop(std::exchange(data_, share(other.data_)));
  return *this;
}
Value& Value::operator=(Value&& other) noexcept {
  if (this != &other) drop(std::exchange(data_, std::exchange(other.data_, nullptr)));
  return *this;
}
Value::~Value() { drop(data_); }

Value::Value(bool boolean) : data_(own(boolean)) {}
Value::Value(int number) : data_(own(number)) {}
Value::Value(long long number) : data_(own(number)) {}
Value::Value(unsigned long long number) : data_(own(number)) {}
Value::Value(double number) : data_(own(number)) {}
Value::Value(const char* text) : data_(own(std::string(text == nullptr ? "" : text))) {}
Value::Value(std::string text) : data_(own(std::move(text))) {}
Value::Value(std::string_view text) : data_(own(std::string(text))) {}
Value::Value(TextRef text) : Value(std::string_view(text)) {}
Value::Value(std::vector<Value> items) {
  Json list = Json::array();
  for (const Value& item : items) list.push_back(to_json(item));
  data_ = own(std::move(list));
}

Value Value::object() { return from_json(Json::object()); }
Value Value::parse(std::string_view json) {
  Json parsed = Json::parse(json, nullptr, false);
  return from_json(parsed.is_discarded() ? Json() : std::move(parsed));
}

bool Value::is_null() const { return node_of(*this).is_null(); }
bool Value::is_text() const { return node_of(*this).is_string(); }
bool Value::is_number() const { return node_of(*this).is_number(); }
bool Value::is_list() const { return node_of(*this).is_array(); }
bool Value::is_object() const { return node_of(*this).is_object(); }

double Value::number(double fallback) const { return is_number() ? node_of(*this).get<double>() : fallback; }
long long Value::integer(long long fallback) const {
  if (node_of(*this).is_number_integer()) return node_of(*this).get<long long>();
  const double number_value = number(static_cast<double>(fallback));
  return number_value > -9e18 && number_value < 9e18 ? static_cast<long long>(number_value) : fallback;
}
bool Value::truth(bool fallback) const { return node_of(*this).is_boolean() ? node_of(*this).get<bool>() : fallback; }
std::string Value::text(std::string fallback) const { return is_text() ? node_of(*this).get<std::string>() : fallback; }
std::size_t Value::size() const { return is_list() || is_object() ? node_of(*this).size() : 0; }

Value Value::at(std::size_t index) const {
  if (!is_list() || index >= node_of(*this).size()) return {};
  return Value(ha::at(data_->root, &node_of(*this)[index]));
}

Value Value::get(TextRef key) const {
  if (!is_object()) return {};
  const auto found = node_of(*this).find(std::string_view(key));
  if (found == node_of(*this).end()) return {};
  return Value(ha::at(data_->root, &*found));
}

bool Value::has(TextRef key) const { return is_object() && node_of(*this).contains(std::string_view(key)); }

std::vector<std::string> Value::keys() const {
  std::vector<std::string> names;
  if (is_object())
    for (const auto& [key, member] : node_of(*this).items()) names.push_back(key);
  return names;
}

std::vector<Value> Value::items() const {
  std::vector<Value> all;
  if (is_list())
    for (std::size_t i = 0; i < size(); ++i) all.push_back(at(i));
  return all;
}

std::vector<double> Value::numbers() const {
  std::vector<double> all;
  if (is_list())
    for (const Json& item : node_of(*this))
      if (item.is_number()) all.push_back(item.get<double>());
  return all;
}

std::vector<std::string> Value::texts() const {
  std::vector<std::string> all;
  if (is_list())
    for (const Json& item : node_of(*this))
      if (item.is_string()) all.push_back(item.get<std::string>());
  return all;
}

Value Value::with(TextRef key, Value value) const {
  Json copy = is_object() ? node_of(*this) : Json::object();
  copy[std::string(std::string_view(key))] = to_json(value);
  return from_json(std::move(copy));
}

Value Value::appended(Value value) const {
  Json copy = is_list() ? node_of(*this) : Json::array();
  copy.push_back(to_json(value));
  return from_json(std::move(copy));
}

std::string Value::dump() const { return node_of(*this).dump(-1, ' ', false, Json::error_handler_t::replace); }
bool Value::operator==(const Value& other) const { return node_of(*this) == node_of(other); }

}  // namespace ha
