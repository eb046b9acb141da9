#include "domains/paper_review/paper_review.h"

namespace hyperagent::paper_review {

jsonl::Spec spec() {
  jsonl::Spec spec;
  spec.name = "paper_review";
  spec.description =
      "Predict whether a submitted paper was accepted, from what its folder tells of it (title, abstract, keywords, scores).";
  spec.target = "outcome";
  spec.labels = {"reject", "accept"};
  spec.grading.kind = jsonl::Grading::Kind::Label;
  return spec;
}

Result<std::unique_ptr<Domain>> open_paper_review(const jsonl::JsonlOptions& options) {
  if (options.folder.empty())
    return user_error("the domain paper_review needs a folder with train.jsonl, val.jsonl and test.jsonl; name it with --data");
  return jsonl::open_jsonl(options, spec());
}

}  // namespace hyperagent::paper_review
