#include <algorithm>
#include <utility>
#include <vector>

using Point = std::pair<int, int>;

// Positive when the path a -> b -> c turns left, zero when it goes straight on.
static long long turn(const Point& a, const Point& b, const Point& c) {
    const long long abx = b.first - a.first;
    const long long aby = b.second - a.second;
    const long long acx = c.first - a.first;
    const long long acy = c.second - a.second;
    return abx * acy - aby * acx;
}

static std::vector<Point> half_hull(const std::vector<Point>& ordered) {
    std::vector<Point> chain;
    for (const Point& point : ordered) {
        while (chain.size() >= 2 && turn(chain[chain.size() - 2], chain.back(), point) < 0) {
            chain.pop_back();
        }
        chain.push_back(point);
    }
    chain.pop_back();
    return chain;
}

std::vector<Point> convex_hull(std::vector<Point> points) {
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    if (points.size() < 3) {
        return points;
    }
    std::vector<Point> hull = half_hull(points);
    std::reverse(points.begin(), points.end());
    const std::vector<Point> upper = half_hull(points);
    hull.insert(hull.end(), upper.begin(), upper.end());
    return hull;
}
