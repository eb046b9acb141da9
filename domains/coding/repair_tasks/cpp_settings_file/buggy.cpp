#include <cctype>
#include <map>
#include <sstream>
#include <string>

// Removes blanks at both ends.
std::string trim(const std::string& text) {
    std::size_t first = 0;
    while (first < text.size() && std::isspace(static_cast<unsigned char>(text[first]))) {
        ++first;
    }
    std::size_t last = text.size();
    while (last > first && std::isspace(static_cast<unsigned char>(text[last - 1]))) {
        --last;
    }
    return text.substr(first, last - first);
}

std::string unquote(const std::string& value) {
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        return value.substr(1, value.size() - 2);
    }
    return value;
}

std::map<std::string, std::string> parse_settings(const std::string& text) {
    std::map<std::string, std::string> settings;
    std::istringstream input(text);
    std::string section;
    std::string raw;
    while (std::getline(input, raw)) {
        const std::string line = trim(raw);
        if (line.empty() || line[0] == '#') {
            continue;
        }
        if (line.front() == '[' && line.back() == ']') {
            section = trim(line.substr(1, line.size() - 2));
            continue;
        }
        const std::size_t equals = line.rfind('=');
        if (equals == std::string::npos) {
            continue;
        }
        const std::string key = trim(line.substr(0, equals));
        if (key.empty()) {
            continue;
        }
        const std::string value = unquote(trim(line.substr(equals + 1)));
        settings[section.empty() ? key : section + "." + key] = value;
    }
    return settings;
}
