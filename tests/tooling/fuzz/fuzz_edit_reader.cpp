// libFuzzer target: bytes -> edits -> everything the edit language does before it needs a parse.
//
// Edits come as JSON text (people, models) or in a CBOR frame (the host). They are applied to a program without files: the schema, the
// checks of new code, matchers and templates all run, and the answer is always a refusal.
#include <cstdint>
#include <string>

#include "hyperagent/core/json_text.h"
#include "tests/tooling/fuzz/claim.h"
#include "tests/tooling/fuzz/schema_shape.h"
#include "tooling/edit_code.h"
#include "tooling/edit_schema.h"
#include "tooling/edits.h"
#include "tooling/protocol.h"

namespace {

using namespace hyperagent;
using namespace hyperagent::tooling;

const Compiler& compiler() {
  static const auto made = [] {
    auto created = Compiler::create_for({"-std=c++20"}, "/", "/ha/agent/");
    claim(created.has_value(), "Clang can be set up");
    return std::move(*created);
  }();
  return *made;
}

bool begins_as_text(const std::string& bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (bytes[first] == '[' || bytes[first] == '{' || bytes[first] == '"');
}

void read_edit(const Json& edit) {
  Json bare = edit;
  if (bare.is_object()) bare.erase(kDonor);
  const auto refused = check_well_formed(edit);
  if (refused) claim_answer(*refused);
  claim(!refused == fits_schema(bare, edit_schema()),
        "what the reader accepts is what fits the schema; it says: " + (refused ? refused->message : "accepted"));
}

// What holds for any text.
void read_code(const std::string& code) {
  const auto words = words_of(code);
  claim(words_of(closed(code)) == words, "closing a comment changes no word");
  if (is_literal(code)) claim(words.size() == 1 || (words.size() == 2 && words[0] == "-"), "a literal is one word, perhaps with a minus");
  if (is_identifier(code)) claim(words.size() == 1 && words[0] == code, "an identifier is one word and nothing else");
  if (const auto refused = check_code(code)) claim_answer(*refused);
}

// The host puts donors in; here they would be parsed.
Json without_donors(Json edits) {
  if (edits.is_array())
    for (Json& edit : edits)
      if (edit.is_object()) edit.erase(kDonor);
  return edits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const bool text = begins_as_text(bytes);
  const Json edits = text ? parse_untrusted(bytes) : from_frame(bytes);
  if (edits.is_discarded()) return 0;
  if (edits.is_array())
    for (const Json& edit : edits) {
      read_edit(edit);
      if (!edit.is_object()) continue;
      for (const auto& [name, value] : edit.items())
        if (value.is_string()) read_code(value.get<std::string>());
    }
  const auto result = apply_edits(compiler(), Files(), without_donors(edits));
  claim(std::holds_alternative<Refusal>(result), "a program without files has nothing to edit");
  const Refusal& refusal = std::get<Refusal>(result);
  claim_answer(refusal);
  if (text) claim(is_utf8(refusal.message), "what is said about UTF-8 is UTF-8: " + refusal.message);
  return 0;
}
