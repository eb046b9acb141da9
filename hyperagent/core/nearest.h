// The nearest thing that would have matched, for refusals.
#pragma once

#include <string>
#include <vector>

namespace hyperagent {

// The candidate that a person most likely meant by `word`: upper and lower case aside, at most a third of its letters off. The first of
// equals; empty when none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

// "; did you mean 'weight'?", or nothing.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace hyperagent
