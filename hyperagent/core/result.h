// Result<T>: a value or an Error, for our own recoverable failures (conventions.md, "Errors").
// Same member names as std::expected, which g++ 12 does not have. A candidate's failure is data (outcome.h), never an Error.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace hyperagent {

// What the user can do about a failure; it decides the exit status of the program.
enum class ErrorKind {
  UserInput,    // exit status 1: the message says what to change
  Environment,  // exit status 2: something is missing on the machine; `hyperagent doctor` says what
  Interrupted,  // exit status 3: stopped on request, resumable
};

struct Error {
  ErrorKind kind = ErrorKind::UserInput;
  std::string message;  // lower case, no final period: what was tried, on what, why it failed, what to do
};

inline Error user_error(std::string message) { return {ErrorKind::UserInput, std::move(message)}; }
inline Error environment_error(std::string message) { return {ErrorKind::Environment, std::move(message)}; }
inline Error interrupted_error(std::string message) { return {ErrorKind::Interrupted, std::move(message)}; }

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & {
    assert(has_value() && "value() of a failed Result");
    return std::get<0>(state_);
  }
  const T& value() const& {
    assert(has_value() && "value() of a failed Result");
    return std::get<0>(state_);
  }
  T&& value() && {
    assert(has_value() && "value() of a failed Result");
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const {
    assert(!has_value() && "error() of a successful Result");
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    assert(error_ && "error() of a successful Result");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace hyperagent
