import bisect


def best_totals(jobs, ends):
    """totals[k] is the greatest profit that the first k jobs allow.

    jobs are sorted by end; before[k] is the number of jobs that are over when job k starts.
    """
    totals = [0]
    before = []
    for k, (start, _, profit, _) in enumerate(jobs):
        over = bisect.bisect_right(ends, start, 0, k)
        before.append(over)
        totals.append(max(totals[k], totals[over] + profit))
    return totals, before


def chosen_jobs(jobs, totals, before):
    chosen = []
    k = len(jobs)
    while k > 0:
        if totals[k] == totals[k - 1]:
            k -= 1
        else:
            chosen.append(jobs[k - 1][3])
            k = before[k - 1]
    chosen.reverse()
    return chosen


def plan_jobs(jobs):
    ordered = [(start, end, profit, index) for index, (start, end, profit) in enumerate(jobs)]
    ordered.sort(key=lambda job: (job[1], job[3]))
    ends = [job[1] for job in ordered]
    totals, before = best_totals(ordered, ends)
    return [totals[-1], chosen_jobs(ordered, totals, before)]
