#include <map>
#include <string>

std::string strip_blanks(const std::string& text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string::npos) {
        return "";
    }
    const std::size_t last = text.find_last_not_of(' ');
    return text.substr(first, last - first + 1);
}

// A field is "name" or "name|text used when the name is unknown".
std::string field_value(const std::string& field, const std::map<std::string, std::string>& values) {
    const std::size_t bar = field.find('|');
    const std::string name = strip_blanks(field.substr(0, bar));
    const auto found = values.find(name);
    if (found != values.end()) {
        return found->second;
    }
    if (bar == std::string::npos) {
        return "";
    }
    return strip_blanks(field.substr(bar + 1));
}

std::string fill_template(const std::string& text, const std::map<std::string, std::string>& values) {
    std::string result;
    std::size_t position = 0;
    while (position < text.size()) {
        const std::size_t open = text.find("{{", position);
        if (open == std::string::npos) {
            break;
        }
        const std::size_t close = text.find("}}", position);
        if (close == std::string::npos) {
            break;
        }
        result += text.substr(position, open - position);
        result += field_value(text.substr(open + 2, close - open - 2), values);
        position = close + 2;
    }
    if (position < text.size()) {
        result += text.substr(position);
    }
    return result;
}
