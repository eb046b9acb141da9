// A hand-written task half for paper_review with reviewer scores: accept when their mean is above the borderline of the scale.
#include <ha/agent.h>
#include <ha/text.h>

ha::Answer solve(const ha::Task& task, ha::Host& host) {
  (void)host;
  return ha::label_above(task, ha::mean(ha::numbers_field(task, "reviewer_scores")), 5.5);
}
