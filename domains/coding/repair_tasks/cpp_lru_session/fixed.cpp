#include <list>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

class LruCache {
public:
    explicit LruCache(std::size_t capacity) : capacity_(capacity) {}

    std::string get(const std::string& key) {
        auto found = where_.find(key);
        if (found == where_.end()) {
            return "miss";
        }
        entries_.splice(entries_.begin(), entries_, found->second);
        return found->second->second;
    }

    void put(const std::string& key, const std::string& value) {
        auto found = where_.find(key);
        if (found != where_.end()) {
            found->second->second = value;
            entries_.splice(entries_.begin(), entries_, found->second);
            return;
        }
        if (entries_.size() == capacity_) {
            where_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, value);
        where_[key] = entries_.begin();
    }

private:
    std::size_t capacity_;
    std::list<std::pair<std::string, std::string>> entries_;  // newest use first
    std::unordered_map<std::string, std::list<std::pair<std::string, std::string>>::iterator> where_;
};

// Commands are "put KEY VALUE" and "get KEY"; the result has one entry for each get.
std::vector<std::string> run_cache(int capacity, const std::vector<std::string>& commands) {
    LruCache cache(static_cast<std::size_t>(capacity));
    std::vector<std::string> answers;
    for (const std::string& command : commands) {
        std::istringstream words(command);
        std::string verb, key, value;
        words >> verb >> key >> value;
        if (verb == "put") {
            cache.put(key, value);
        } else if (verb == "get") {
            answers.push_back(cache.get(key));
        }
    }
    return answers;
}
