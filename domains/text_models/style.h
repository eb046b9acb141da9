// The style counts: how a text is written, whatever it is about.
#pragma once

#include <string>
#include <vector>

namespace hyperagent::text_models {

inline bool is_word_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

// Appends exactly kStyleCounts (recipe.h) numbers.
void append_style(const std::string& text, std::vector<double>& out);

}  // namespace hyperagent::text_models
