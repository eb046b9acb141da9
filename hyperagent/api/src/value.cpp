#include <ha/value.h>

#include "value_data.h"

namespace ha {
namespace {

using Json = nlohmann::json;

std::shared_ptr<const Value::Data> own(Json json) {
  auto root = std::make_shared<const Json>(std::move(json));
  return std::make_shared<const Value::Data>(Value::Data{root, root.get()});
}

}  // namespace

Value from_json(nlohmann::json json) { return Value(own(std::move(json))); }
const nlohmann::json& to_json(const Value& value) { return *value.data()->node; }

Value::Value() : data_(own(nullptr)) {}
Value::Value(bool boolean) : data_(own(boolean)) {}
Value::Value(int number) : data_(own(number)) {}
Value::Value(long long number) : data_(own(number)) {}
Value::Value(unsigned long long number) : data_(own(number)) {}
Value::Value(double number) : data_(own(number)) {}
Value::Value(const char* text) : data_(own(std::string(text == nullptr ? "" : text))) {}
Value::Value(std::string text) : data_(own(std::move(text))) {}
Value::Value(std::string_view text) : data_(own(std::string(text))) {}
Value::Value(std::vector<Value> items) {
  Json list = Json::array();
  for (const Value& item : items) list.push_back(to_json(item));
  data_ = own(std::move(list));
}
Value::Value(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Value Value::object() { return from_json(Json::object()); }
Value Value::parse(std::string_view json) {
  Json parsed = Json::parse(json, nullptr, false);
  return from_json(parsed.is_discarded() ? Json() : std::move(parsed));
}

bool Value::is_null() const { return data_->node->is_null(); }
bool Value::is_text() const { return data_->node->is_string(); }
bool Value::is_number() const { return data_->node->is_number(); }
bool Value::is_list() const { return data_->node->is_array(); }
bool Value::is_object() const { return data_->node->is_object(); }

double Value::number(double fallback) const { return is_number() ? data_->node->get<double>() : fallback; }
long long Value::integer(long long fallback) const {
  if (data_->node->is_number_integer()) return data_->node->get<long long>();
  const double number_value = number(static_cast<double>(fallback));
  return number_value > -9e18 && number_value < 9e18 ? static_cast<long long>(number_value) : fallback;
}
bool Value::truth(bool fallback) const { return data_->node->is_boolean() ? data_->node->get<bool>() : fallback; }
std::string Value::text(std::string fallback) const { return is_text() ? data_->node->get<std::string>() : fallback; }
std::size_t Value::size() const { return is_list() || is_object() ? data_->node->size() : 0; }

Value Value::at(std::size_t index) const {
  if (!is_list() || index >= data_->node->size()) return {};
  return Value(std::make_shared<const Data>(Data{data_->root, &(*data_->node)[index]}));
}

Value Value::get(std::string_view key) const {
  if (!is_object()) return {};
  const auto found = data_->node->find(key);
  if (found == data_->node->end()) return {};
  return Value(std::make_shared<const Data>(Data{data_->root, &*found}));
}

bool Value::has(std::string_view key) const { return is_object() && data_->node->contains(key); }

std::vector<std::string> Value::keys() const {
  std::vector<std::string> names;
  if (is_object())
    for (const auto& [key, member] : data_->node->items()) names.push_back(key);
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
    for (const Json& item : *data_->node)
      if (item.is_number()) all.push_back(item.get<double>());
  return all;
}

std::vector<std::string> Value::texts() const {
  std::vector<std::string> all;
  if (is_list())
    for (const Json& item : *data_->node)
      if (item.is_string()) all.push_back(item.get<std::string>());
  return all;
}

Value Value::with(std::string_view key, Value value) const {
  Json copy = is_object() ? *data_->node : Json::object();
  copy[std::string(key)] = to_json(value);
  return from_json(std::move(copy));
}

Value Value::appended(Value value) const {
  Json copy = is_list() ? *data_->node : Json::array();
  copy.push_back(to_json(value));
  return from_json(std::move(copy));
}

std::string Value::dump() const { return data_->node->dump(-1, ' ', false, Json::error_handler_t::replace); }
bool Value::operator==(const Value& other) const { return *data_->node == *other.data_->node; }

}  // namespace ha
