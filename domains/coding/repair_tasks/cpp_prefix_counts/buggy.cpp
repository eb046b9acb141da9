#include <map>
#include <string>
#include <vector>

class Trie {
public:
    Trie() : nodes_(1) {}

    void add(const std::string& word) {
        int node = 0;
        ++nodes_[node].words_below;
        for (char letter : word) {
            ++nodes_[node].words_below;
            node = child_or_new(node, letter);
        }
    }

    int count(const std::string& prefix) const {
        int node = 0;
        for (char letter : prefix) {
            auto found = nodes_[node].children.find(letter);
            if (found == nodes_[node].children.end()) {
                return 0;
            }
            node = found->second;
        }
        return nodes_[node].words_below;
    }

private:
    struct Node {
        std::map<char, int> children;
        int words_below = 0;
    };

    int child_or_new(int node, char letter) {
        auto found = nodes_[node].children.find(letter);
        if (found != nodes_[node].children.end()) {
            return found->second;
        }
        int created = static_cast<int>(nodes_.size());
        nodes_[node].children[letter] = created;
        nodes_.push_back(Node());
        return created;
    }

    std::vector<Node> nodes_;
};

std::vector<int> count_prefixes(const std::vector<std::string>& words, const std::vector<std::string>& queries) {
    Trie trie;
    for (const std::string& word : words) {
        trie.add(word);
    }
    std::vector<int> counts;
    for (const std::string& query : queries) {
        counts.push_back(trie.count(query));
    }
    return counts;
}
