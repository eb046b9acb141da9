#include <string>
#include <utility>
#include <vector>

std::string counted(long long count, const std::string& noun) {
    std::string text = std::to_string(count) + " " + noun;
    if (count != 1) {
        text += "s";
    }
    return text;
}

// "a", "a and b", "a, b and c"
std::string join_parts(const std::vector<std::string>& parts) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            text += (i + 1 == parts.size()) ? " and " : ", ";
        }
        text += parts[i];
    }
    return text;
}

std::string duration_in_words(long long seconds) {
    if (seconds == 0) {
        return "now";
    }
    const std::vector<std::pair<std::string, long long>> units = {
        {"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}};
    long long rest = seconds < 0 ? -seconds : seconds;
    std::vector<std::string> parts;
    for (const auto& unit : units) {
        const long long count = rest / unit.second;
        if (count == 0) {
            continue;
        }
        parts.push_back(counted(count, unit.first));
    }
    const std::string words = join_parts(parts);
    return seconds < 0 ? words + " ago" : "in " + words;
}
