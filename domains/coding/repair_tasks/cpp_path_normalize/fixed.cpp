#include <string>
#include <vector>

std::vector<std::string> split_segments(const std::string& path) {
    std::vector<std::string> segments;
    std::string segment;
    for (char c : path) {
        if (c == '/') {
            segments.push_back(segment);
            segment.clear();
        } else {
            segment += c;
        }
    }
    segments.push_back(segment);
    return segments;
}

std::string normalize_path(const std::string& path) {
    const bool absolute = !path.empty() && path[0] == '/';
    std::vector<std::string> kept;
    for (const std::string& segment : split_segments(path)) {
        if (segment.empty() || segment == ".") {
            continue;
        }
        if (segment != "..") {
            kept.push_back(segment);
            continue;
        }
        if (kept.empty() || kept.back() == "..") {
            if (!absolute) {
                kept.push_back("..");
            }
        } else {
            kept.pop_back();
        }
    }
    std::string result = absolute ? "/" : "";
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (i > 0) {
            result += '/';
        }
        result += kept[i];
    }
    return result.empty() ? "." : result;
}
