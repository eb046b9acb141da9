#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>
#include <vector>

void append_times(std::string& target, const std::string& piece, int times) {
    for (int i = 0; i < times; ++i) {
        target += piece;
    }
}

// "3a2(bc)" -> "aaabcbc"; no result if the parentheses or the counts are malformed.
std::optional<std::string> expand_runs(const std::string& packed) {
    std::vector<std::pair<std::string, int>> open;  // text before the group, repeats of the group
    std::string current;
    int count = 0;  // 0: no count seen
    for (char c : packed) {
        if (std::isdigit(static_cast<unsigned char>(c))) {
            count = count * 10 + (c - '0');
            if (count == 0 || count > 99) {
                return std::nullopt;
            }
            continue;
        }
        if (c == '(') {
            open.emplace_back(current, std::max(count, 1));
            current.clear();
            count = 0;
        } else if (c == ')') {
            if (open.empty() || count != 0) {
                return std::nullopt;
            }
            std::string outer = open.back().first;
            append_times(outer, current, open.back().second);
            open.pop_back();
            current = outer;
        } else {
            append_times(current, std::string(1, c), std::max(count, 1));
            count = 0;
        }
    }
    if (!open.empty() || count != 0) {
        return std::nullopt;
    }
    return current;
}
