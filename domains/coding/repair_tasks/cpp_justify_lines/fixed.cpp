#include <string>
#include <vector>

// Words [first, last) of one line, spread so that the line is exactly `width` long.
std::string spread(const std::vector<std::string>& words, std::size_t first, std::size_t last, int width) {
    const int gaps = static_cast<int>(last - first) - 1;
    int letters = 0;
    for (std::size_t i = first; i < last; ++i) {
        letters += static_cast<int>(words[i].size());
    }
    std::string line = words[first];
    if (gaps == 0) {
        return line;
    }
    const int blanks = width - letters;
    const int each = blanks / gaps;
    const int extra = blanks % gaps;
    for (int gap = 0; gap < gaps; ++gap) {
        const int size = each + (gap < extra ? 1 : 0);
        line.append(static_cast<std::size_t>(size), ' ');
        line += words[first + static_cast<std::size_t>(gap) + 1];
    }
    return line;
}

std::string plain(const std::vector<std::string>& words, std::size_t first, std::size_t last) {
    std::string line;
    for (std::size_t i = first; i < last; ++i) {
        if (i > first) {
            line += ' ';
        }
        line += words[i];
    }
    return line;
}

std::vector<std::string> justify(const std::vector<std::string>& words, int width) {
    std::vector<std::string> lines;
    std::size_t first = 0;
    while (first < words.size()) {
        std::size_t last = first + 1;
        int used = static_cast<int>(words[first].size());
        while (last < words.size() && used + 1 + static_cast<int>(words[last].size()) <= width) {
            used += 1 + static_cast<int>(words[last].size());
            ++last;
        }
        if (last == words.size()) {
            lines.push_back(plain(words, first, last));
        } else {
            lines.push_back(spread(words, first, last, width));
        }
        first = last;
    }
    return lines;
}
