#include <array>
#include <string>
#include <utility>
#include <vector>

using Record = std::pair<unsigned, std::string>;

static constexpr unsigned kBitsPerDigit = 4;
static constexpr unsigned kBuckets = 1u << kBitsPerDigit;

static unsigned digit_at(unsigned key, unsigned shift) {
    return (key >> shift) & (kBuckets - 1);
}

// One counting-sort pass on the digit that starts at bit `shift`.
static std::vector<Record> sort_by_digit(const std::vector<Record>& records, unsigned shift) {
    std::array<int, kBuckets> bucket_end{};
    for (const Record& record : records) {
        ++bucket_end[digit_at(record.first, shift)];
    }
    for (unsigned bucket = 1; bucket < kBuckets; ++bucket) {
        bucket_end[bucket] += bucket_end[bucket - 1];
    }
    std::vector<Record> placed(records.size());
    const int count = static_cast<int>(records.size());
    for (int i = count - 1; i >= 0; --i) {
        const unsigned digit = digit_at(records[i].first, shift);
        placed[--bucket_end[digit]] = records[i];
    }
    return placed;
}

std::vector<Record> sort_records(std::vector<Record> records) {
    unsigned largest = 0;
    for (const Record& record : records) {
        if (record.first > largest) {
            largest = record.first;
        }
    }
    for (unsigned shift = 0; shift < 32 && (largest >> shift) != 0; shift += kBitsPerDigit) {
        records = sort_by_digit(records, shift);
    }
    return records;
}
