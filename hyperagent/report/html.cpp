#include "hyperagent/report/html.h"

#include <string_view>

#include "hyperagent/report/diff_text.h"
#include "hyperagent/report/phrases.h"

namespace hyperagent {
namespace {

constexpr const char* kStyle =
    "<style>\n"
    ".hyperagent{font:15px/1.5 system-ui,sans-serif;color:#1c1e21;background:#fff;padding:1em;max-width:70em}\n"
    ".hyperagent h3,.hyperagent h4{margin:1.2em 0 .3em}\n"
    ".hyperagent small,.hyperagent .place{color:#5c6370;font-weight:normal}\n"
    ".hyperagent ul{list-style:none;margin:0;padding:0}\n"
    ".hyperagent li{margin:.3em 0;padding:.3em .6em;border-left:4px solid;overflow-x:auto}\n"
    ".hyperagent code{font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap}\n"
    ".hyperagent .insert{border-color:#2e7d32}.hyperagent .delete{border-color:#c62828}\n"
    ".hyperagent .update{border-color:#b26a00}.hyperagent .move,.hyperagent .update_move{border-color:#1565c0}\n"
    ".hyperagent ins{background:#e3f4e4;text-decoration:none}.hyperagent del{background:#fbe4e4;text-decoration:none}\n"
    "@media (prefers-color-scheme:dark){.hyperagent{color:#e4e6eb;background:#18191b}.hyperagent small,.hyperagent .place{color:#a0a6b0}"
    ".hyperagent ins{background:#1d3b22}.hyperagent del{background:#4a1f22}}\n"
    "</style>\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string line_of(const Json& place) { return place.is_object() ? std::to_string(place.value("line", 0)) : "?"; }

std::string code(const char* tag, const Json& place) {
  return "<code><" + std::string(tag) + ">" + escaped(member(place, "text")) + "</" + tag + "></code>";
}

std::string change_item(const Json& change) {
  const std::string kind = member(change, "kind");
  const Json before = change.value("before", Json()), after = change.value("after", Json());
  const bool moved = kind == "move" || kind == "update_move", updated = kind == "update" || kind == "update_move";
  std::string html = "<li class=\"" + escaped(kind) + "\" id=\"change-" + escaped(member(change, "id")) + "\"><b>" + (kind == "update_move" ? "move" : escaped(kind)) +
                     "</b> <span class=\"place\">line " + (moved ? line_of(before) + " &rarr; " + line_of(after) : line_of(after.is_null() ? before : after)) + "</span><br>";
  if (updated) html += code("del", before) + " &rarr; " + code("ins", after);
  else if (kind == "delete") html += code("del", before);
  else if (kind == "insert") html += code("ins", after);
  else html += "<code>" + escaped(member(after, "text")) + "</code>";
  if (const std::string context = member(change, "context"); !context.empty()) html += " <small>in <code>" + escaped(context) + "</code></small>";
  if (change.contains("uses")) html += " <small>and " + plural(change["uses"].get<std::size_t>(), "use") + "</small>";
  return html + "</li>\n";
}

std::string diff_body(const Json& diff) {
  if (diff.contains("refused")) return "<p>cannot compare: <code>" + escaped(member(diff["refused"], "message")) + "</code></p>\n";
  if (!diff.contains("functions") || diff["functions"].empty()) return "<p>no changes</p>\n";
  std::string html;
  for (const Json& function : diff["functions"]) {
    const std::string old = member(function, "old_name"), from = member(function, "old_file"), status = member(function, "status");
    html += "<h4>" + (old.empty() ? "" : escaped(old) + " &rarr; ") + escaped(member(function, "name")) + " <small>" + escaped(member(function, "file")) +
            (from.empty() ? "" : " from " + escaped(from)) + (status == "changed" ? "" : " " + escaped(status)) + "</small></h4>\n<ul>\n";
    for (const Json& change : function.value("changes", Json::array())) html += change_item(change);
    html += "</ul>\n";
  }
  return html + "<p>" + escaped(diff_summary(diff)) + "</p>\n";
}

std::string score_text(const char* name, const Score& now, const Score* before) {
  std::string text = std::string(name) + " " + mean_text(now);
  if (before != nullptr && now.n > 0 && before->n > 0) text += " (" + change(now.mean - before->mean) + ")";
  return text;
}

std::string section(const std::string& body) { return "<section class=\"hyperagent\">\n" + std::string(kStyle) + body + "</section>\n"; }

}  // namespace

std::string diff_html(const Json& diff) { return section(diff_body(diff)); }

std::string lineage_html(const std::vector<Step>& steps) {
  std::string body;
  for (const Step& step : steps) {
    body += "<h3>agent " + std::to_string(step.agent.id) + " <small>" + escaped(origin_text(step.agent)) + "</small></h3>\n<p>" +
            escaped(score_text("train", step.agent.train, step.parent ? &step.parent->train : nullptr)) + ", " +
            escaped(score_text("val", step.agent.val, step.parent ? &step.parent->val : nullptr)) + "</p>\n";
    if (!step.agent.reason.empty()) body += "<p>why: " + escaped(step.agent.reason) + "</p>\n";
    for (const Json& edit : step.agent.edits) body += "<p>edit: <code>" + escaped(edit_text(edit)) + "</code></p>\n";
    if (step.parent != nullptr) body += diff_body(step.diff);
  }
  return section(body);
}

}  // namespace hyperagent
