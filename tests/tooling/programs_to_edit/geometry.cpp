// Small linear algebra and polygon code: fixed-size matrices, convex hulls, clipping and grid cells.
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace geometry {

template <typename T>
concept Number = std::integral<T> || std::floating_point<T>;

constexpr double epsilon = 1e-9;
constexpr double pi = 3.14159265358979323846;

template <Number T>
constexpr T square(T value) {
  return value * value;
}

template <Number T>
constexpr T power(T base, unsigned exponent) {
  T result = 1;
  while (true) {
    if (exponent & 1u) result *= base;
    exponent >>= 1;
    if (exponent == 0) return result;
    base *= base;
  }
}

template <typename T>
  requires std::unsigned_integral<T>
constexpr T greatest_common_divisor(T left, T right) {
  return right == 0 ? left : greatest_common_divisor(right, static_cast<T>(left % right));
}

constexpr bool nearly_equal(double left, double right, double tolerance = epsilon) {
  const double difference = left > right ? left - right : right - left;
  return difference <= tolerance;
}

template <std::size_t Rows, std::size_t Cols>
class Matrix {
  static_assert(Rows > 0 && Cols > 0, "a matrix has at least one cell");

 public:
  constexpr Matrix() = default;
  constexpr Matrix(std::initializer_list<double> values) {
    std::size_t index = 0;
    for (const double value : values) {
      if (index == cells_.size()) break;
      cells_[index++] = value;
    }
  }

  static constexpr Matrix identity()
    requires(Rows == Cols)
  {
    Matrix result;
    for (std::size_t i = 0; i < Rows; ++i) result(i, i) = 1.0;
    return result;
  }

  constexpr double& operator()(std::size_t row, std::size_t col) { return cells_[row * Cols + col]; }
  constexpr const double& operator()(std::size_t row, std::size_t col) const { return cells_[row * Cols + col]; }
  constexpr std::span<double, Cols> row(std::size_t index) { return std::span<double, Cols>(cells_.data() + index * Cols, Cols); }

  constexpr Matrix& operator+=(const Matrix& other) {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
    return *this;
  }

  constexpr Matrix& operator*=(double factor) {
    for (double& cell : cells_) cell *= factor;
    return *this;
  }

  constexpr Matrix<Cols, Rows> transposed() const {
    Matrix<Cols, Rows> result;
    for (std::size_t i = 0; i < Rows; ++i) {
      for (std::size_t j = 0; j < Cols; ++j) result(j, i) = (*this)(i, j);
    }
    return result;
  }

  constexpr void swap_rows(std::size_t first, std::size_t second) {
    if (first == second) return;
    for (std::size_t j = 0; j < Cols; ++j) std::swap((*this)(first, j), (*this)(second, j));
  }

 private:
  std::array<double, Rows * Cols> cells_{};
};

template <std::size_t Rows, std::size_t Inner, std::size_t Cols>
constexpr Matrix<Rows, Cols> operator*(const Matrix<Rows, Inner>& left, const Matrix<Inner, Cols>& right) {
  Matrix<Rows, Cols> product;
  for (std::size_t i = 0; i < Rows; ++i) {
    for (std::size_t j = 0; j < Cols; ++j) {
      double sum = 0.0;
      for (std::size_t k = 0; k < Inner; ++k) sum += left(i, k) * right(k, j);
      product(i, j) = sum;
    }
  }
  return product;
}

// Gaussian elimination with partial pivoting.
template <std::size_t Size>
constexpr double determinant(Matrix<Size, Size> matrix) {
  double result = 1.0;
  for (std::size_t column = 0; column < Size; ++column) {
    std::size_t pivot = column;
    for (std::size_t i = column + 1; i < Size; ++i) {
      if (square(matrix(i, column)) > square(matrix(pivot, column))) pivot = i;
    }
    if (nearly_equal(matrix(pivot, column), 0.0)) return 0.0;
    if (pivot != column) {
      matrix.swap_rows(pivot, column);
      result = -result;
    }
    result *= matrix(column, column);
    for (std::size_t i = column + 1; i < Size; ++i) {
      const double ratio = matrix(i, column) / matrix(column, column);
      for (std::size_t j = column; j < Size; ++j) matrix(i, j) -= ratio * matrix(column, j);
    }
  }
  return result;
}

// Back substitution on an upper triangular system; false when a diagonal cell is zero.
template <std::size_t Size>
bool solve_upper(const Matrix<Size, Size>& upper, std::span<const double, Size> right, std::span<double, Size> solution) {
  std::size_t remaining = Size;
  do {
    const std::size_t i = --remaining;
    const double diagonal = upper(i, i);
    if (nearly_equal(diagonal, 0.0)) return false;
    double value = right[i];
    for (std::size_t j = i + 1; j < Size; ++j) value -= upper(i, j) * solution[j];
    solution[i] = value / diagonal;
  } while (remaining > 0);
  return true;
}

struct Point {
  double x = 0.0;
  double y = 0.0;

  constexpr Point& operator+=(const Point& other) {
    x += other.x;
    y += other.y;
    return *this;
  }
  friend constexpr Point operator+(Point left, const Point& right) { return left += right; }
  friend constexpr Point operator-(const Point& left, const Point& right) { return {left.x - right.x, left.y - right.y}; }
  friend constexpr Point operator*(const Point& point, double factor) { return {point.x * factor, point.y * factor}; }
};

enum class Turn { Left, Right, Straight };

constexpr double cross(const Point& left, const Point& right) { return left.x * right.y - left.y * right.x; }
constexpr double dot(const Point& left, const Point& right) { return left.x * right.x + left.y * right.y; }
double distance(const Point& left, const Point& right) { return std::sqrt(square(right.x - left.x) + square(right.y - left.y)); }

constexpr Turn turn_of(const Point& a, const Point& b, const Point& c) {
  const double area = cross(b - a, c - a);
  if (nearly_equal(area, 0.0)) return Turn::Straight;
  return area > 0.0 ? Turn::Left : Turn::Right;
}

constexpr double signed_area(std::span<const Point> polygon) {
  double twice = 0.0;
  for (std::size_t i = 0; i < polygon.size(); ++i) twice += cross(polygon[i], polygon[(i + 1) % polygon.size()]);
  return twice / 2.0;
}

double perimeter(std::span<const Point> polygon) {
  if (polygon.size() < 2) return 0.0;
  double length = distance(polygon.back(), polygon.front());
  for (std::size_t i = 1; i < polygon.size(); ++i) length += distance(polygon[i - 1], polygon[i]);
  return length;
}

constexpr bool contains(std::span<const Point> polygon, const Point& point) {
  bool inside = false;
  for (std::size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
    const Point& a = polygon[i];
    const Point& b = polygon[j];
    if ((a.y > point.y) == (b.y > point.y)) continue;
    const double crossing = a.x + (b.x - a.x) * (point.y - a.y) / (b.y - a.y);
    if (point.x < crossing) inside = !inside;
  }
  return inside;
}

std::vector<Point> convex_hull(std::vector<Point> points) {
  if (points.size() < 3) return points;
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
  std::vector<Point> hull;
  const auto push = [&hull](const Point& point, std::size_t fixed) {
    while (hull.size() >= fixed + 2 && turn_of(hull[hull.size() - 2], hull.back(), point) != Turn::Left) hull.pop_back();
    hull.push_back(point);
  };
  for (const Point& point : points) push(point, 0);
  const std::size_t lower = hull.size() - 1;
  for (int i = static_cast<int>(points.size()) - 2; i >= 0; --i) push(points[static_cast<std::size_t>(i)], lower);
  hull.pop_back();
  return hull;
}

// Keeps the part of the polygon to the left of the directed line from a to b.
std::vector<Point> clip(std::span<const Point> polygon, const Point& a, const Point& b) {
  std::vector<Point> kept;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point& current = polygon[i];
    const Point& next = polygon[i + 1 < polygon.size() ? i + 1 : 0];
    const double here = cross(b - a, current - a);
    const double there = cross(b - a, next - a);
    if (here >= 0.0) kept.push_back(current);
    if ((here > 0.0 && there < 0.0) || (here < 0.0 && there > 0.0)) {
      kept.push_back(current + (next - current) * (here / (here - there)));
    }
  }
  return kept;
}

// Ramer-Douglas-Peucker: marks the points of a line that a simplified line keeps.
void mark_kept(std::span<const Point> line, std::size_t first, std::size_t last, double tolerance, std::vector<bool>& kept) {
  if (last <= first + 1) return;
  const Point direction = line[last] - line[first];
  const double length = distance(line[first], line[last]);
  double worst = -1.0;
  std::size_t split = first;
  for (std::size_t i = first + 1; i < last; ++i) {
    const Point offset = line[i] - line[first];
    const double gap = length > epsilon ? std::fabs(cross(direction, offset)) / length : distance(line[i], line[first]);
    if (gap > worst) {
      worst = gap;
      split = i;
    }
  }
  if (worst <= tolerance) return;
  kept[split] = true;
  mark_kept(line, first, split, tolerance, kept);
  mark_kept(line, split, last, tolerance, kept);
}

std::vector<Point> simplify(std::span<const Point> line, double tolerance) {
  if (line.size() < 3) return {line.begin(), line.end()};
  std::vector<bool> kept(line.size(), false);
  kept.front() = kept.back() = true;
  mark_kept(line, 0, line.size() - 1, tolerance, kept);
  std::vector<Point> result;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (kept[i]) result.push_back(line[i]);
  }
  return result;
}

// Spreads the low 16 bits of a value so that a zero bit follows each of them.
constexpr std::uint32_t spread_bits(std::uint32_t value) {
  value &= 0xffffu;
  value = (value | (value << 8)) & 0x00ff00ffu;
  value = (value | (value << 4)) & 0x0f0f0f0fu;
  value = (value | (value << 2)) & 0x33333333u;
  return (value | (value << 1)) & 0x55555555u;
}

constexpr std::uint32_t morton_code(std::uint16_t x, std::uint16_t y) { return spread_bits(x) | (spread_bits(y) << 1); }

constexpr unsigned count_bits(std::uint32_t mask) {
  unsigned count = 0;
  for (; mask != 0; mask &= mask - 1) ++count;
  return count;
}

// Bits of the region code: 1 left of the box, 2 right, 4 below, 8 above.
constexpr unsigned region_code(const Point& point, const Point& low, const Point& high) {
  unsigned code = 0;
  code |= point.x < low.x ? 1u : point.x > high.x ? 2u : 0u;
  code |= point.y < low.y ? 4u : point.y > high.y ? 8u : 0u;
  return code;
}

template <Number T, std::size_t Count>
constexpr std::pair<T, T> range_of(const std::array<T, Count>& values) {
  T low = std::numeric_limits<T>::max();
  T high = std::numeric_limits<T>::lowest();
  for (const T& value : values) {
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  return {low, high};
}

Matrix<2, 2> rotation(double degrees) {
  const double angle = degrees * pi / 180.0;
  return {std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle)};
}

Point transform(const Matrix<2, 2>& matrix, const Point& point) {
  const Matrix<2, 1> image = matrix * Matrix<2, 1>{point.x, point.y};
  return {image(0, 0), image(1, 0)};
}

}  // namespace geometry

int main() {
  using namespace geometry;
  if (!(power(3, 4u) == 81 && greatest_common_divisor(48u, 36u) == 12u)) return 1;
  if (!(nearly_equal(determinant(Matrix<3, 3>{2, 0, 1, 1, 3, 2, 1, 1, 4}), 18.0))) return 1;
  if (!(morton_code(3, 5) == 0x27u && count_bits(0xf0f0u) == 8u)) return 1;

  constexpr std::array<Point, 4> box = {Point{0, 0}, Point{4, 0}, Point{4, 3}, Point{0, 3}};
  if (!(nearly_equal(signed_area(box), 12.0) && contains(box, {1, 1}) && !contains(box, {5, 1}))) return 1;
  std::printf("perimeter %.2f, half %.2f\n", perimeter(box), signed_area(clip(box, {0, 0}, {4, 3})));
  std::printf("region %u, dot %.1f\n", region_code({5, -1}, box[0], box[2]), dot(box[1], box[2]));

  Matrix<3, 3> upper = Matrix<3, 3>::identity();
  upper += Matrix<3, 3>{1, 1, 1, 0, 1, 1, 0, 0, 1};
  upper *= 0.5;
  for (double& cell : upper.row(0)) cell += 1.0;
  const std::array<double, 3> right = {6.0, 3.0, 2.0};
  std::array<double, 3> solution{};
  if (!solve_upper<3>(upper, right, solution)) return 1;
  const auto [low, high] = range_of(solution);
  std::printf("solution between %.2f and %.2f, first row squared %.1f\n", low, high, (upper * upper.transposed())(0, 0));

  std::vector<Point> spiral;
  int step = 0;
  do {
    const double radius = 1.0 + 0.25 * step;
    spiral.push_back(transform(rotation(30.0 * step), {radius, 0.0}));
  } while (++step < 24);
  const std::vector<Point> hull = convex_hull(spiral);
  std::printf("hull %zu, simplified %zu of %zu\n", hull.size(), simplify(spiral, 0.5).size(), spiral.size());
  return signed_area(hull) > 0.0 ? 0 : 1;
}
