#include <algorithm>
#include <vector>

struct Job {
    int start;
    int end;
    int profit;
};

static std::vector<Job> sorted_by_end(const std::vector<std::vector<int>>& rows) {
    std::vector<Job> jobs;
    for (const std::vector<int>& row : rows) {
        jobs.push_back({row[0], row[1], row[2]});
    }
    std::sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) { return a.end < b.end; });
    return jobs;
}

long long best_profit(const std::vector<std::vector<int>>& rows) {
    const std::vector<Job> jobs = sorted_by_end(rows);
    std::vector<int> ends;
    for (const Job& job : jobs) {
        ends.push_back(job.end);
    }
    // best[i]: largest profit with the first i jobs in order of their end.
    std::vector<long long> best(jobs.size() + 1, 0);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const auto later = std::upper_bound(ends.begin(), ends.end(), jobs[i].start);
        const long long with_job = best[later - ends.begin()] + jobs[i].profit;
        best[i + 1] = with_job;
    }
    return best.back();
}
