// Value: immutable JSON-like data, the one form in which an agent and its host exchange anything.
// Opaque on purpose: no JSON library reaches an agent's translation unit, and copying and destroying are calls, not code in every function
// that has a Value: agents compile fast.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Marks a function that typed edits may call. Put it before the declaration.
#define HA_BLOCK [[clang::annotate("ha::block")]]
// Marks a parameter whose arguments come from the domain's vocabulary of that kind: a string takes no other ("text_field", "label" ...), a
// number these first ("level").
#define HA_VOCAB(kind) [[clang::annotate("ha::vocab:" kind)]]
// Marks a number parameter with the values typed edits should try first, e.g. HA_RANGE("0.01 0.1 1 10").
#define HA_RANGE(values) [[clang::annotate("ha::range:" values)]]

namespace ha {

// A text that is only looked at, while the caller holds it: a literal, a std::string, a view. An argument of this type costs a call;
// std::string_view's own constructors make the compiler read the iterator concepts of the C++ library first, 1 ms for each agent.
struct TextRef {
  TextRef(const char* text);
  TextRef(const std::string& text);
  TextRef(std::string_view text);
  operator std::string_view() const { return {data, size}; }

  const char* data;
  std::size_t size;
};

class Value {
 public:
  Value() = default;  // null
  Value(const Value& other);
  Value(Value&& other) noexcept;  // leaves null
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  Value(bool boolean);
  Value(int number);
  Value(long long number);
  Value(unsigned long long number);
  Value(double number);
  Value(const char* text);
  Value(std::string text);
  Value(std::string_view text);
  Value(TextRef text);
  Value(std::vector<Value> items);  // a list

  static Value object();                     // {}
  static Value parse(std::string_view json); // null when it is not JSON

  bool is_null() const;
  bool is_text() const;
  bool is_number() const;
  bool is_list() const;
  bool is_object() const;
  // What the value is, or the fallback when it is something else: readers never fail.
  double number(double fallback = 0) const;
  long long integer(long long fallback = 0) const;
  bool truth(bool fallback = false) const;
  std::string text(std::string fallback = {}) const;
  std::size_t size() const;                        // items of a list, members of an object, else 0
  Value at(std::size_t index) const;               // null when out of range
  Value get(TextRef key) const;                    // null when absent
  bool has(TextRef key) const;
  std::vector<std::string> keys() const;           // sorted
  std::vector<Value> items() const;
  std::vector<double> numbers() const;             // the numbers of a list
  std::vector<std::string> texts() const;          // the strings of a list
  Value with(TextRef key, Value value) const;      // a copy of this object with one member set
  Value appended(Value value) const;               // a copy of this list with one more item
  std::string dump() const;                        // compact JSON
  bool operator==(const Value& other) const;

  struct Data;  // the library's own
  explicit Value(const Data* data) : data_(data) {}  // takes over one share
  const Data* data() const { return data_; }         // nullptr: null

 private:
  const Data* data_ = nullptr;
};

}  // namespace ha
