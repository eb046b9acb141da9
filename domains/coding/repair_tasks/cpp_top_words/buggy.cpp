#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <utility>
#include <vector>

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (char c : text) {
        const unsigned char u = static_cast<unsigned char>(c);
        if (std::isalnum(u)) {
            word += static_cast<char>(std::tolower(u));
        } else if (c == '\'' && !word.empty()) {
            word += c;
        } else if (!word.empty()) {
            words.push_back(word);
            word.clear();
        }
    }
    return words;
}

std::vector<std::pair<std::string, int>> top_words(const std::string& text, int limit) {
    std::map<std::string, int> counts;
    for (const std::string& word : words_of(text)) {
        ++counts[word];
    }
    std::vector<std::pair<std::string, int>> ranking(counts.begin(), counts.end());
    std::sort(ranking.begin(), ranking.end(),
              [](const std::pair<std::string, int>& a, const std::pair<std::string, int>& b) {
                  if (a.second != b.second) {
                      return a.second > b.second;
                  }
                  return a.first < b.first;
              });
    if (static_cast<int>(ranking.size()) > limit) {
        ranking.resize(static_cast<std::size_t>(limit));
    }
    return ranking;
}
