// A tokenizer, a recursive-descent parser and an evaluator of arithmetic expressions with variables.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace calculator {

struct End {};

struct Token {
  std::variant<double, std::string, char, End> content;
  std::size_t offset = 0;
};

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

struct ParseError : std::runtime_error {
  ParseError(const std::string& message, std::size_t at) : std::runtime_error(message), offset(at) {}
  std::size_t offset;
};

using Variables = std::map<std::string, double, std::less<>>;

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string describe(const Token& token) {
  return std::visit(Overloaded{[](double number) { return "number " + std::to_string(number); },
                               [](const std::string& name) { return "name '" + name + "'"; },
                               [](char sign) { return std::string("'") + sign + "'"; },
                               [](const End&) { return std::string("end of input"); }},
                    token.content);
}

class Tokenizer {
 public:
  static constexpr std::string_view symbols = "+-*/%^(),=";
  explicit Tokenizer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    while (position_ < source_.size()) {
      const char c = source_[position_];
      const std::size_t start = position_;
      if (c == '#') break;
      if (c == ' ' || c == '\t') {
        ++position_;
        continue;
      }
      if (is_digit(c)) {
        tokens.push_back({read_number(), start});
      } else if (is_name_start(c)) {
        tokens.push_back({read_name(), start});
      } else if (symbols.find(c) != std::string_view::npos) {
        tokens.push_back({c, start});
        ++position_;
      } else {
        throw ParseError(std::string("unexpected character '") + c + "'", start);
      }
    }
    tokens.push_back({End{}, position_});
    return tokens;
  }

 private:
  double read_number() {
    double value = 0.0;
    double scale = 1.0;
    bool seen_point = false;
    for (; position_ < source_.size(); ++position_) {
      const char c = source_[position_];
      if (c == '.') {
        if (seen_point) throw ParseError("a number has two points", position_);
        seen_point = true;
        continue;
      }
      if (!is_digit(c)) break;
      value = value * 10.0 + (c - '0');
      if (seen_point) scale *= 10.0;
    }
    return value / scale;
  }

  std::string read_name() {
    const auto begin = source_.begin() + static_cast<std::ptrdiff_t>(position_);
    const auto end = std::find_if_not(begin, source_.end(), [](char c) { return is_name_start(c) || is_digit(c); });
    position_ += static_cast<std::size_t>(std::distance(begin, end));
    return std::string(begin, end);
  }

  std::string_view source_;
  std::size_t position_ = 0;
};

class Node {
 public:
  virtual ~Node() = default;
  virtual double evaluate(Variables& variables) const = 0;
  virtual std::string to_string() const = 0;
  virtual const std::string* target() const { return nullptr; }
};

using NodePtr = std::unique_ptr<Node>;

class Literal final : public Node {
 public:
  explicit Literal(double value) : value_(value) {}
  double evaluate(Variables&) const override { return value_; }
  std::string to_string() const override {
    std::string text = std::to_string(value_);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
  }

 private:
  double value_;
};

class Variable final : public Node {
 public:
  explicit Variable(std::string name) : name_(std::move(name)) {}
  double evaluate(Variables& variables) const override {
    if (const auto found = variables.find(name_); found != variables.end()) return found->second;
    throw std::domain_error("unknown variable " + name_);
  }
  std::string to_string() const override { return name_; }
  const std::string* target() const override { return &name_; }

 private:
  std::string name_;
};

class Negation final : public Node {
 public:
  explicit Negation(NodePtr operand) : operand_(std::move(operand)) {}
  double evaluate(Variables& variables) const override { return -operand_->evaluate(variables); }
  std::string to_string() const override { return "(-" + operand_->to_string() + ")"; }

 private:
  NodePtr operand_;
};

class Binary final : public Node {
 public:
  Binary(char sign, NodePtr left, NodePtr right) : sign_(sign), left_(std::move(left)), right_(std::move(right)) {}
  double evaluate(Variables& variables) const override {
    const double left = left_->evaluate(variables);
    const double right = right_->evaluate(variables);
    switch (sign_) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '/':
      case '%':
        if (right == 0.0) throw std::domain_error("division by zero");
        return sign_ == '/' ? left / right : std::fmod(left, right);
      case '^':
        return std::pow(left, right);
    }
    throw std::logic_error(std::string("no operator ") + sign_);
  }
  std::string to_string() const override { return "(" + left_->to_string() + " " + sign_ + " " + right_->to_string() + ")"; }

 private:
  char sign_;
  NodePtr left_;
  NodePtr right_;
};

class Assignment final : public Node {
 public:
  Assignment(std::string name, NodePtr value) : name_(std::move(name)), value_(std::move(value)) {}
  double evaluate(Variables& variables) const override { return variables[name_] = value_->evaluate(variables); }
  std::string to_string() const override { return name_ + " = " + value_->to_string(); }

 private:
  std::string name_;
  NodePtr value_;
};

struct Function {
  std::size_t arity;
  std::function<double(const std::vector<double>&)> body;
};

const Function* find_function(std::string_view name) {
  static const std::map<std::string_view, Function> table = {
      {"sqrt", {1, [](const std::vector<double>& args) { return std::sqrt(args[0]); }}},
      {"min", {2, [](const std::vector<double>& args) { return std::min(args[0], args[1]); }}},
      {"max", {2, [](const std::vector<double>& args) { return std::max(args[0], args[1]); }}},
      {"clamp", {3, [](const std::vector<double>& args) { return std::max(args[1], std::min(args[0], args[2])); }}},
  };
  const auto found = table.find(name);
  return found != table.end() ? &found->second : nullptr;
}

class Call final : public Node {
 public:
  Call(std::string name, const Function* function, std::vector<NodePtr> arguments)
      : name_(std::move(name)), function_(function), arguments_(std::move(arguments)) {}
  double evaluate(Variables& variables) const override {
    std::vector<double> values;
    values.reserve(arguments_.size());
    std::transform(arguments_.begin(), arguments_.end(), std::back_inserter(values),
                   [&variables](const NodePtr& argument) { return argument->evaluate(variables); });
    return function_->body(values);
  }
  std::string to_string() const override {
    std::string text = name_ + "(";
    for (auto it = arguments_.begin(); it != arguments_.end(); ++it) {
      if (it != arguments_.begin()) text += ", ";
      text += (*it)->to_string();
    }
    return text + ")";
  }

 private:
  std::string name_;
  const Function* function_;
  std::vector<NodePtr> arguments_;
};

// Binding strength of a binary operator; 0 for any other sign.
int precedence(char sign) {
  static const std::map<char, int> strengths = {{'+', 1}, {'-', 1}, {'*', 2}, {'/', 2}, {'%', 2}, {'^', 4}};
  const auto found = strengths.find(sign);
  return found == strengths.end() ? 0 : found->second;
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  NodePtr parse() {
    NodePtr root = parse_binary(1);
    if (accept('=')) {
      const std::string* name = root->target();
      if (name == nullptr) throw ParseError("only a variable can be assigned", peek().offset);
      root = std::make_unique<Assignment>(*name, parse_binary(1));
    }
    if (!std::holds_alternative<End>(peek().content)) throw ParseError("unexpected " + describe(peek()), peek().offset);
    return root;
  }

 private:
  const Token& peek() const { return tokens_[next_]; }
  char peek_sign() const {
    const char* sign = std::get_if<char>(&peek().content);
    return sign != nullptr ? *sign : '\0';
  }
  bool accept(char sign) {
    if (peek_sign() != sign) return false;
    ++next_;
    return true;
  }
  void expect(char sign) {
    if (!accept(sign)) throw ParseError(std::string("expected '") + sign + "', found " + describe(peek()), peek().offset);
  }

  NodePtr parse_binary(int weakest) {
    NodePtr left = parse_unary();
    while (true) {
      const char sign = peek_sign();
      const int strength = precedence(sign);
      if (strength == 0 || strength < weakest) break;
      ++next_;
      NodePtr right = parse_binary(sign == '^' ? strength : strength + 1);
      left = std::make_unique<Binary>(sign, std::move(left), std::move(right));
    }
    return left;
  }

  NodePtr parse_unary() {
    if (accept('+')) return parse_unary();
    if (accept('-')) return std::make_unique<Negation>(parse_binary(3));
    return parse_primary();
  }

  NodePtr parse_primary() {
    if (accept('(')) {
      NodePtr inner = parse_binary(1);
      expect(')');
      return inner;
    }
    const Token& token = peek();
    if (const double* number = std::get_if<double>(&token.content)) {
      ++next_;
      return std::make_unique<Literal>(*number);
    }
    if (const std::string* name = std::get_if<std::string>(&token.content)) {
      ++next_;
      if (accept('(')) return parse_call(*name, token.offset);
      return std::make_unique<Variable>(*name);
    }
    throw ParseError("expected a value, found " + describe(token), token.offset);
  }

  NodePtr parse_call(const std::string& name, std::size_t offset) {
    const Function* function = find_function(name);
    if (!function) throw ParseError("unknown function " + name, offset);
    std::vector<NodePtr> arguments;
    if (!accept(')')) {
      do arguments.push_back(parse_binary(1));
      while (accept(','));
      expect(')');
    }
    if (arguments.size() != function->arity) throw ParseError("wrong number of values for " + name, offset);
    return std::make_unique<Call>(name, function, std::move(arguments));
  }

  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

}  // namespace calculator

int main() {
  using namespace calculator;
  Variables variables = {{"pi", 3.14159265}, {"ten", 10.0}};
  const std::vector<std::string> lines = {"1 + 2 * 3",          "-2 ^ 2",     "radius = ten / 4", "pi * radius ^ 2 # area",
                                          "max(radius, 7 % 4)", "sqrt(2, 3)", "clamp(9, 1, 5)",   "2 * (3 + unknown_x)",
                                          "4 / (2 - 2)",        "3 $ 4"};
  int successes = 0;
  for (const std::string& line : lines) {
    try {
      const NodePtr tree = Parser(Tokenizer(line).run()).parse();
      std::cout << tree->to_string() << " -> " << tree->evaluate(variables) << '\n';
      ++successes;
    } catch (const ParseError& error) {
      std::cout << line << '\n' << std::string(error.offset, ' ') << "^ " << error.what() << '\n';
    } catch (const std::domain_error& error) {
      std::cout << line << " fails: " << error.what() << '\n';
    }
  }
  return successes == 6 ? EXIT_SUCCESS : EXIT_FAILURE;
}
