#include "hyperagent/report/diff_text.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include <git2.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr int kUncut = 1'000'000, kLeastWidth = 32, kLeastRoom = 28;
constexpr const char *kBold = "1", *kDim = "2", *kRed = "31", *kGreen = "32", *kYellow = "33", *kCyan = "36";

std::string paint(const TextStyle& style, const char* colour, const std::string& text) {
  return style.colour && !text.empty() ? "\x1b[" + std::string(colour) + "m" + text + "\x1b[0m" : text;
}

// The source is the agent's: escape sequences in it could rewrite what the user sees. Tabs become blanks.
std::string visible(const std::string& text, bool keep_tabs = false) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\t') out += keep_tabs ? "\t" : "  ";
    else if (byte == '\n') out += '\n';
    else if (byte < 0x20 || byte == 0x7F) out += '?';
    else if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) out += '?', ++i;  // C1 controls
    else out += text[i];
  }
  return out;
}

int columns(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// The first 400 characters, and how many more there are.
std::string abbreviated(const std::string& text) {
  constexpr int kMost = 400, kLeft = 40;  // a few more are not worth the words
  if (columns(text) <= kMost + kLeft) return text;
  std::size_t end = 0;
  for (int used = 0; end < text.size(); ++end)
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80 && ++used > kMost) break;
  return text.substr(0, end) + "... (" + std::to_string(columns(text.substr(end))) + " more characters; --json has them)";
}

std::string cut(const std::string& text, int width) {
  if (columns(text) <= width) return text;
  std::string out;
  int used = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && ++used > width - 3) break;
    out += c;
  }
  return out + "...";
}

// The text on lines of at most `width` columns: broken at the last blank behind the indent, without one after punctuation, and indented
// like its first line and a little more.
std::vector<std::string> broken(const std::string& text, int width) {
  std::vector<std::string> lines;
  const std::size_t own = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t indent = std::min<std::size_t>(own + 4, static_cast<std::size_t>(width) / 4);
  std::string rest = columns(text) > width ? std::string(std::min(own, indent), ' ') + text.substr(own) : text;
  while (columns(rest) > width) {
    const std::size_t from = rest.find_first_not_of(' ');
    std::size_t end = 0, blank = 0, mark = 0;
    for (int used = 0; end < rest.size(); ++end) {
      if ((static_cast<unsigned char>(rest[end]) & 0xC0) != 0x80) ++used;
      if (rest[end] == ' ' && end > from) blank = end;  // may be the first that has no room: it is not printed
      if (used > width) break;
      if (end > from && std::string_view("(,;").find(rest[end]) != std::string_view::npos) mark = end + 1;
    }
    const std::size_t at = blank > 0 ? blank : mark > 0 ? mark : end;
    lines.push_back(rest.substr(0, at));
    const std::size_t next = rest.find_first_not_of(' ', at);
    if (next == std::string::npos) return lines;
    rest = std::string(indent, ' ') + rest.substr(next);
  }
  lines.push_back(rest.substr(0, rest.find_last_not_of(' ') + 1));
  return lines;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') lines.emplace_back();
    else lines.back() += c;
  }
  return lines;
}

// On one line, runs of blanks as one.
std::string folded(const std::string& text) {
  std::string out;
  for (const char c : visible(text)) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string padded(std::string text, int width) {
  if (columns(text) < width) text.append(width - columns(text), ' ');
  return text;
}

std::string counted(std::size_t n, const std::string& word) { return std::to_string(n) + " " + word + (n == 1 ? "" : "s"); }

std::string text_of(const Json& place) { return place.is_object() ? place.value("text", "") : ""; }
std::string line_of(const Json& place) { return place.is_object() ? std::to_string(place.value("line", 0)) : "?"; }

struct Look {
  char sign;
  const char* colour;
};
Look look_of(const std::string& kind) {
  if (kind == "insert") return {'+', kGreen};
  if (kind == "delete") return {'-', kRed};
  if (kind == "update") return {'~', kYellow};
  return {'>', kCyan};
}

// The head "    + insert  line 9      " and the text; further lines of a snippet are indented under the first.
void write_change(const Json& change, const TextStyle& style, std::string& out) {
  const std::string kind = change.value("kind", "");
  const Json &before = change.at("before"), &after = change.at("after");
  const auto [sign, colour] = look_of(kind);
  const bool moved = kind == "move" || kind == "update_move";
  std::string place = "line " + line_of(after.is_null() ? before : after);
  if (moved) place = "line " + line_of(before) + " -> " + line_of(after);
  const std::string head = "    " + padded(std::string(1, sign) + " " + (kind == "update_move" ? "move" : kind), 10) + padded(place, 12) + "  ";
  const int width = std::max(style.width, kLeastWidth);
  const bool below = width - columns(head) < kLeastRoom;  // the text has lines of its own
  const int margin = below ? 6 : columns(head), room = width - margin;
  if (below) out += paint(style, colour, head.substr(0, head.find_last_not_of(' ') + 1)) + '\n';
  bool first = !below;
  const auto line = [&](const std::string& text) {
    out += (first ? paint(style, colour, head) : text.empty() ? "" : std::string(margin, ' ')) + text + '\n';
    first = false;
  };
  const auto lines = [&](const char* text_colour, const std::string& text) {
    for (const std::string& part : broken(text, room)) line(paint(style, text_colour, part));
  };
  if (kind == "update" || kind == "update_move") {
    const std::string old_text = abbreviated(folded(text_of(before))), new_text = abbreviated(folded(text_of(after)));
    std::string context = abbreviated(folded(change.value("context", "")));
    if (!context.empty()) context = "in  " + context;
    if (change.contains("uses")) context += std::string(context.empty() ? "" : "  ") + "(and " + counted(change["uses"].get<std::size_t>(), "use") + ")";
    const std::string one_line = "`" + old_text + "`  ->  `" + new_text + "`";
    if (columns(one_line) <= room) {
      const int left = room - columns(one_line) - 6;
      const bool beside = !context.empty() && left >= std::min(columns(context), 16);
      line(paint(style, kRed, "`" + old_text + "`") + "  ->  " + paint(style, kGreen, "`" + new_text + "`") +
           (beside ? paint(style, kDim, "      " + cut(context, left)) : ""));
      if (!beside && !context.empty()) lines(kDim, context);
    } else {
      lines(kRed, "`" + old_text + "`");
      line("->");
      lines(kGreen, "`" + new_text + "`");
      if (!context.empty()) lines(kDim, context);
    }
    return;
  }
  for (const std::string& text : lines_of(abbreviated(visible(text_of(after.is_null() ? before : after))))) lines(colour, text);
  if (const std::string context = abbreviated(folded(change.value("context", ""))); !context.empty()) lines(kDim, "in  " + context);
}

// libgit2 counts its initialisations.
struct Git {
  Git() { git_libgit2_init(); }
  ~Git() { git_libgit2_shutdown(); }
  Git(const Git&) = delete;
  Git& operator=(const Git&) = delete;
};

}  // namespace

TextStyle terminal_style(int fd) {
  TextStyle style;
  const bool terminal = isatty(fd) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  style.colour = terminal && (no_colour == nullptr || *no_colour == '\0');
  style.width = terminal ? 80 : kUncut;
  winsize size{};
  if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr && std::atoi(columns) > 0) style.width = std::atoi(columns);
  return style;
}

std::string diff_summary(const Json& diff) {
  std::size_t changes = 0, functions = 0;
  std::set<std::string> places;
  std::map<std::string, std::size_t> kinds;
  for (const Json& function : diff.at("functions")) {
    const bool global = function.value("name", "").starts_with("global ");
    if (global) places.insert(function.value("name", ""));
    else ++functions;
    for (const Json& change : function.at("changes")) ++changes, ++kinds[change.value("kind", "")];
  }
  std::string text = counted(changes, "change") + " in ";
  if (functions > 0) text += counted(functions, "function");
  if (!places.empty()) text += (functions > 0 ? " and " : "") + counted(places.size(), "global place");
  std::string separator = ": ";
  for (const auto& [kind, words] : {std::pair("update", "updated"), {"insert", "inserted"}, {"delete", "deleted"}, {"move", "moved"},
                                    {"update_move", "moved and updated"}})
    if (kinds[kind] > 0) text += separator + std::to_string(kinds[kind]) + " " + words, separator = ", ";
  return text;
}

std::string diff_text(const Json& diff, const TextStyle& style) {
  if (diff.contains("refused")) {
    const Json& why = diff["refused"];
    std::string text = "cannot compare: the program " + why.value("side", "") + " does not parse:\n";
    for (const std::string& line : lines_of(visible(why.value("message", ""))))
      for (const std::string& part : broken(line, std::max(style.width, kLeastWidth))) text += part + "\n";
    return text;
  }
  if (!diff.contains("functions") || diff["functions"].empty()) return "no changes\n";
  std::string out;
  for (const Json& function : diff["functions"]) {
    const std::string status = function.value("status", "changed");
    std::string title = folded(function.value("name", ""));
    if (const std::string old = function.value("old_name", ""); !old.empty()) title = folded(old) + " -> " + title;
    std::string note = " (" + folded(function.value("file", "")) + ")";
    if (const std::string old = function.value("old_file", ""); !old.empty()) note += " from " + folded(old);
    if (status != "changed") note += " " + status;
    const int width = std::max(style.width, kLeastWidth);
    title = cut(title, std::max(width - 2 - columns(note), 16));
    out += "  " + paint(style, kBold, title) + paint(style, kDim, cut(note, std::max(width - 2 - columns(title), 12))) + "\n";
    for (const Json& change : function["changes"]) write_change(change, style, out);
  }
  return out + wrapped(diff_summary(diff), "  ", static_cast<std::size_t>(std::max(style.width, kLeastWidth)));
}

std::string unified_diff(const AgentSource& a, const AgentSource& b, const TextStyle& style) {
  const Git git;
  std::set<std::string> paths;
  for (const AgentSource* side : {&a, &b})
    for (const auto& [path, text] : side->files) paths.insert(path);
  std::string out;
  for (const std::string& path : paths) {
    const auto in_a = a.files.find(path), in_b = b.files.find(path);
    const std::string* before = in_a == a.files.end() ? nullptr : &in_a->second;
    const std::string* after = in_b == b.files.end() ? nullptr : &in_b->second;
    if (before != nullptr && after != nullptr && *before == *after) continue;
    git_patch* raw = nullptr;
    const auto data = [](const std::string* text) { return text == nullptr ? nullptr : text->data(); };
    const auto size = [](const std::string* text) { return text == nullptr ? 0 : text->size(); };
    if (git_patch_from_buffers(&raw, data(before), size(before), path.c_str(), data(after), size(after), path.c_str(), nullptr) != 0) {
      out += "cannot compare " + visible(path) + "\n";
      continue;
    }
    const std::unique_ptr<git_patch, decltype(&git_patch_free)> patch(raw, git_patch_free);
    git_buf buffer{};
    if (git_patch_to_buf(&buffer, patch.get()) == 0) {
      bool in_hunk = false;
      std::vector<std::string> lines = lines_of(std::string(buffer.ptr, buffer.size));
      if (!lines.empty() && lines.back().empty()) lines.pop_back();
      for (const std::string& raw_line : lines) {
        const bool windows = raw_line.ends_with('\r');  // harmless at the end, and part of the patch
        const std::string line = visible(windows ? raw_line.substr(0, raw_line.size() - 1) : raw_line, true) + (windows ? "\r" : "");
        if (line.starts_with("@@")) in_hunk = true;
        const char* colour = !in_hunk ? kBold : line[0] == '@' ? kCyan : line[0] == '+' ? kGreen : line[0] == '-' ? kRed : nullptr;
        out += (colour != nullptr ? paint(style, colour, line) : line) + "\n";
      }
    }
    git_buf_dispose(&buffer);
  }
  return out;
}

}  // namespace hyperagent
