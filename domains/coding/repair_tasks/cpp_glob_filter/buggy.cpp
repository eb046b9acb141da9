#include <string>
#include <vector>

// Does the single pattern element at `p` accept `c`? `next` becomes the place after the element.
bool accepts(const std::string& pattern, std::size_t p, char c, std::size_t& next) {
    next = p + 1;
    if (pattern[p] == '?') {
        return true;
    }
    const std::size_t close = pattern[p] == '[' ? pattern.find(']', p + 1) : std::string::npos;
    if (close == std::string::npos) {
        return pattern[p] == c;
    }
    next = close + 1;
    std::size_t i = p + 1;
    const bool negated = pattern[i] == '!';
    if (negated) {
        ++i;
    }
    bool found = false;
    while (i < close) {
        if (i + 2 < close && pattern[i + 1] == '-') {
            found = found || (pattern[i] <= c && c <= pattern[i + 2]);
            i += 3;
        } else {
            found = found || pattern[i] == c;
            ++i;
        }
    }
    return found != negated;
}

bool glob_match(const std::string& pattern, const std::string& name) {
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string::npos;  // place of the last '*' seen
    std::size_t resume = 0;                // where that star's match ends for now
    while (n < name.size()) {
        std::size_t next = 0;
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.size() && accepts(pattern, p, name[n], next)) {
            p = next;
            ++n;
        } else if (star != std::string::npos) {
            p = star + 1;
            n = resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

std::vector<std::string> glob_filter(const std::vector<std::string>& names, const std::string& pattern) {
    std::vector<std::string> kept;
    for (const std::string& name : names) {
        if (glob_match(pattern, name)) {
            kept.push_back(name);
        }
    }
    return kept;
}
