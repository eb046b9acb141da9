#!/usr/bin/env python3
"""Stands for a language model where none can be reached: reads a prompt, writes what a fair programmer would have.

  hyperagent run --domain DOMAIN --model command --model-command "python3 scripted_model.py" ...

Its answers depend on the prompt alone. The recordings beside it were made with it (README.md).
"""
import json
import re
import sys


def change(edits, reason, memory):
    return json.dumps({"edits": edits, "reason": reason, "memory": memory})


def solve(body, host=True):
    unused = "" if host else "  (void)host;\n"
    return "ha::Answer solve(const ha::Task& task, ha::Host& host) {\n" + unused + body + "}"


def header(name):
    return {"op": "insert_declaration", "file": "task/solve.cpp", "at": "begin", "code": "#include <ha/%s.h>" % name}


# --- the generic domain: is a review good or bad?

def generic_change(prompt, turn):
    if "is_good" in prompt.split("THE AGENT'S PROGRAM")[1].split("SCORES")[0]:
        code = "double is_good(const ha::Task& task) { return ha::number_field(task, \"stars\"); }"
        if turn == 1:  # refused: there is no such function
            code = code.replace("number_field", "star_field")
        return change([{"op": "replace_function", "function": "is_good", "code": code}],
                      "The stars tell a good review from a bad one better than its length does.", "stars decide; 3 is the middle")
    code = solve("  return ha::label_above(task, is_good(task), 3.0);\n", host=False)
    helper = "namespace { double is_good(const ha::Task& task) { return ha::count_words(ha::text_field(task, \"text\")) / 3.0; } }"
    return change([header("text"), {"op": "insert_declaration", "before": "solve", "code": helper},
                   {"op": "replace_function", "function": "solve", "code": code}],
                  "A blank agent gives no answer; longer reviews may be the kinder ones.", "tried: number of words")


# --- repair: one bug in a program

def repair_change(prompt, turn):
    program = prompt.split("THE AGENT'S PROGRAM")[1].split("SCORES")[0]
    if "most_suspicious_first" in program:
        return change([{"op": "replace_function", "function": "candidates", "code":
                        "std::vector<ha::Program> candidates(const ha::Program& buggy, ha::Host& host) {\n"
                        "  return ha::smallest_change_first(ha::most_suspicious_first(ha::passing(ha::mutants(buggy, host), host), host));\n}"}],
                      "Of the repairs that pass, the smallest change is the likeliest.", "order by size, then suspicion")
    helper = ("namespace { std::vector<ha::Program> candidates(const ha::Program& buggy, ha::Host& host) {\n"
              "  return ha::most_suspicious_first(ha::passing(ha::mutants(buggy, host), host), host);\n} }")
    code = solve("  for (const ha::Program& candidate : candidates(ha::program_of(task), host)) return ha::patch(candidate);\n  return ha::Answer();\n")
    if turn == 1:
        code = code.replace("ha::patch(candidate)", "candidate")  # refused: a program is no answer
    return change([header("code"), {"op": "insert_declaration", "before": "solve", "code": helper},
                   {"op": "replace_function", "function": "solve", "code": code}],
                  "Single edits that pass the visible tests are likely repairs; the suspicious lines first.", "mutants that pass the tests")


# --- robot_reward: what shall a quadruped be rewarded for?

def robot_change(prompt, turn):
    parts = ["parts.add(\"speed\", 3.0f * ha::small(ha::forward_error(state), 0.5f));",
             "parts.add(\"straight\", ha::small(ha::sideways_error(state), 0.5f) + ha::small(ha::turn_error(state), 0.5f));",
             "parts.add(\"smooth\", ha::minus(ha::action_change(state), 0.015f));"]
    if '"speed":{"max"' in prompt:  # its training reported these parts: the robot has learned them, and may sink while it walks
        parts.append("parts.add(\"height\", 0.5f * ha::small(ha::height_error(state, 0.3f), 0.3f));")
        return change([{"op": "replace_body", "function": "components", "code": "{\n  " + "\n  ".join(parts) + "\n}"}],
                      "All parts rose, the robot walks; a comfortable height keeps it from falling.", "speed, straight, smooth, height")
    components = "void components(const ha::robot::State& state, ha::robot::Components& parts) {\n  " + "\n  ".join(parts) + "\n}"
    reward = ("float reward(const ha::robot::State& state) {\n  ha::robot::Components parts;\n  components(state, parts);\n  float sum = 0.0f;\n"
              "  for (int i = 0; i < parts.count; ++i) sum += parts.value[i];\n  return sum;\n}")
    return change([{"op": "insert_declaration", "before": "reward", "code": components}, {"op": "replace_function", "function": "reward", "code": reward}],
                  "The commanded speed first, then straight and smooth, each as a part that is reported.", "speed, straight, smooth")


def meta(prompt):
    turn = len(re.findall(r"^The edits were refused", prompt, re.M)) + 1
    if "Now make one change" not in prompt:
        if "Result of" not in prompt and "SOME OF THEM IN FULL" in prompt and "THE AGENT'S PROGRAM" in prompt and "is_good" not in prompt:
            return json.dumps({"tool": "agents"})
        return "I looked at the failures.\n```json\n" + json.dumps({"analysis": "The task half gives no useful answer yet; see the failures."}) + "\n```"
    domain = re.search(r"^DOMAIN (\w+)", prompt, re.M).group(1)
    return {"repair": repair_change, "robot_reward": robot_change}.get(domain, generic_change)(prompt, turn)


# --- task halves that ask a model

def answer(prompt):
    stars = re.search(r'"stars":([0-9.]+)', prompt)
    label = "good" if stars and float(stars.group(1)) > 3 else "bad"
    if "Warm bread" in prompt and "JSON object only" not in prompt:
        return "I think it is good."  # no JSON: asked once more
    return json.dumps({"answer": label, "chance": 0.9 if label == "good" else 0.1})


def main():
    prompt = sys.stdin.read()
    sys.stdout.write(meta(prompt) if "You improve a C++20 program" in prompt else answer(prompt))


if __name__ == "__main__":
    main()
