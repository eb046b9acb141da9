#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

struct Bucket {
    long long millitokens;
    long long updated_ms;
};

class RateLimiter {
public:
    RateLimiter(int capacity, int tokens_per_second)
        : capacity_(1000LL * capacity), per_ms_(tokens_per_second) {}

    // Whole tokens left after the call, or -1 if the call is refused.
    int call(const std::string& client, long long now_ms) {
        Bucket& bucket = buckets_.try_emplace(client, Bucket{capacity_, now_ms}).first->second;
        refill(bucket, now_ms);
        if (bucket.millitokens < 1000) {
            return -1;
        }
        bucket.millitokens -= 1000;
        return static_cast<int>(bucket.millitokens / 1000);
    }

private:
    void refill(Bucket& bucket, long long now_ms) const {
        const long long gained = (now_ms - bucket.updated_ms) * per_ms_;
        bucket.millitokens = std::min(capacity_, bucket.millitokens + gained);
        bucket.updated_ms = now_ms;
    }

    long long capacity_;
    long long per_ms_;  // tokens a second are millitokens a millisecond
    std::map<std::string, Bucket> buckets_;
};

// Calls are (client, time in milliseconds), in order of time.
std::vector<int> limit_calls(int capacity, int tokens_per_second,
                             const std::vector<std::pair<std::string, long long>>& calls) {
    RateLimiter limiter(capacity, tokens_per_second);
    std::vector<int> left;
    for (const auto& call : calls) {
        left.push_back(limiter.call(call.first, call.second));
    }
    return left;
}
