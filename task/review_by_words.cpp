// A hand-written task half for paper_review: logistic regression on the words of the abstract, fitted on the training examples.
#include <ha/agent.h>
#include <ha/text.h>

ha::Answer solve(const ha::Task& task, ha::Host& host) {
  return ha::label_likely(task, ha::logistic(task, host, ha::words_of("abstract"), 1.0));
}
