#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

std::vector<std::string> split_dots(const std::string& text) {
    std::vector<std::string> parts(1);
    for (char c : text) {
        if (c == '.') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

bool is_number(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

int sign(long long value) {
    return value < 0 ? -1 : (value > 0 ? 1 : 0);
}

int compare_part(const std::string& a, const std::string& b) {
    if (is_number(a) && is_number(b)) {
        return sign(std::stoll(a) - std::stoll(b));
    }
    if (is_number(a) != is_number(b)) {
        return is_number(a) ? -1 : 1;
    }
    return sign(a.compare(b));
}

int compare_lists(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        const int order = compare_part(a[i], b[i]);
        if (order != 0) {
            return order;
        }
    }
    return sign(static_cast<long long>(a.size()) - static_cast<long long>(b.size()));
}

// Versions look like "1.4.0", "2.0.0-beta.2" or "1.0.0-rc.1+build5".
int compare_versions(const std::string& left, const std::string& right) {
    const std::string a = left.substr(0, left.find('+'));
    const std::string b = right.substr(0, right.find('+'));
    const std::size_t dash_a = a.find('-');
    const std::size_t dash_b = b.find('-');
    const int order = compare_lists(split_dots(a.substr(0, dash_a)), split_dots(b.substr(0, dash_b)));
    if (order != 0) {
        return order;
    }
    if (dash_a == std::string::npos && dash_b == std::string::npos) {
        return 0;
    }
    if (dash_a == std::string::npos || dash_b == std::string::npos) {
        return dash_a == std::string::npos ? -1 : 1;
    }
    return compare_lists(split_dots(a.substr(dash_a + 1)), split_dots(b.substr(dash_b + 1)));
}
