// A hand-written task half for paper_review: logistic regression on the words of the abstract, fitted on the training examples.
#include <ha/agent.h>
#include <ha/text.h>

ha::Answer solve(const ha::Task& task, ha::Host& host) {
  const double probability = ha::logistic(task, host, ha::words_of("abstract"), 1.0);
  return ha::label_above(task, probability, 0.5);
}
