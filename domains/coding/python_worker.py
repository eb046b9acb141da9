"""Runs in a box: mutates Python programs and runs them on arguments. Frames of JSON on standard input and output.

{"op": "mutate", "source"}                     -> {"mutants": [{"source", "line", "kind"}]} or {"error"}
{"op": "run", "entry", "source", "edits",      -> {"runs": [{"compiled", "error", "results": [{"status", "steps", "value"?, "what"?}],
 "tests", "fuel", "memory", "seconds",            "coverage": [[line ...] per test]} per edit]}; an edit is {"offset", "length", "text"}
 "exhaust", "coverage"}                           in bytes of the source; the lines are left out unless coverage is true

It knows arguments only, never an expected value: the host compares. Each program runs in a forked child, which writes to a pipe
of its own; a test that uses up its fuel or kills the child costs that test alone, because a new child goes on behind it.
Fuel counts executed lines (sys.settrace), so that an endless loop ends at the same line on every machine; the time limit only
stops what never reaches a next line.
"""
import ast
import json
import math
import os
import resource
import select
import struct
import sys
import time
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from python_mutation import mutants

FILE = "<program>"
RESULT_BYTES = 1 << 20


class Node:
    """The graph node of QuixBugs. Hashed by creation order: a set of nodes iterates alike in every process."""
    created = 0

    def __init__(self, value=None, successor=None, successors=(), predecessors=(), incoming_nodes=(), outgoing_nodes=()):
        self.value, self.successor = value, successor
        self.successors, self.predecessors = list(successors), list(predecessors)
        self.incoming_nodes, self.outgoing_nodes = list(incoming_nodes), list(outgoing_nodes)
        Node.created += 1
        self._order = Node.created

    def __hash__(self):
        return self._order

    def __eq__(self, other):
        return self is other


def build_nodes(spec):
    nodes = [Node(s.get("value")) for s in spec]
    for node, s in zip(nodes, spec):
        if s.get("successor") is not None:
            node.successor = nodes[s["successor"]]
        for field in ("successors", "predecessors", "incoming_nodes", "outgoing_nodes"):
            setattr(node, field, [nodes[i] for i in s.get(field, [])])
    return nodes


def decode(a, nodes):
    if isinstance(a, dict):
        if "$node" in a:
            return nodes[a["$node"]]
        if "$edges" in a:
            return {(decode(u, nodes), decode(v, nodes)): w for u, v, w in a["$edges"]}
        return {k: decode(v, nodes) for k, v in a.items()}
    if isinstance(a, list):
        return [decode(x, nodes) for x in a]
    return a


def number(x):
    if isinstance(x, float):
        if math.isinf(x):
            return "inf" if x > 0 else "-inf"
        if math.isnan(x):
            return "nan"
    return x


def encode(r):
    """A result in the plain form expected values have."""
    if isinstance(r, Node):
        out = []
        while r is not None and len(out) < 10000:
            out.append(r.value)
            r = r.successor
        return out
    if isinstance(r, dict):
        if all(isinstance(k, str) for k in r):
            return {k: encode(v) for k, v in r.items()}  # the host takes it for its sorted pairs as well
        if all(isinstance(k, tuple) for k in r):
            return sorted([k[0], k[1], number(v)] for k, v in r.items())
        return sorted([encode(k), encode(v)] for k, v in r.items())
    if isinstance(r, (set, frozenset)):
        return sorted(encode(x) if isinstance(x, tuple) else x for x in r)
    if isinstance(r, (list, tuple)):
        return [x.value if isinstance(x, Node) else encode(x) for x in r]
    if hasattr(r, "__next__"):
        return [encode(x) for x in r]
    return number(r)


def limit(memory, seconds):
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    whole = max(1, math.ceil(seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole))


def child(code, unseen, entry, tests, first, fuel, out):
    """Runs tests[first:] and writes one line of JSON for each; ends early, after its line, when the fuel is gone."""
    for i in range(first, len(tests)):
        test = tests[i]
        lines = set()
        left = fuel

        def put(record):
            record["lines"] = sorted(lines)
            record["steps"] = fuel - left
            data = (json.dumps(record) + "\n").encode()
            if len(data) > RESULT_BYTES:
                data = (json.dumps({"status": "exception", "what": "the result is too large", "lines": sorted(lines)}) + "\n").encode()
            while data:
                data = data[os.write(out, data):]

        def trace(frame, event, argument):
            nonlocal left
            if frame.f_code.co_filename != FILE:
                return None
            if event == "line":
                if unseen is not None and frame.f_lineno not in unseen:
                    lines.add(frame.f_lineno)
                left -= 1
                if left < 0:
                    put({"status": "fuel"})
                    os._exit(0)
            return trace

        try:
            nodes = build_nodes(test.get("nodes", []))
            arguments = [decode(a, nodes) for a in test["args"]]
            scope = {"__name__": "program"}
            try:
                sys.settrace(trace)
                exec(code, scope)
                value = encode(scope[entry](*arguments))
            finally:
                sys.settrace(None)
            json.dumps(value)
            record = {"status": "value", "value": value}
        except BaseException as error:
            record = {"status": "exception", "what": type(error).__name__}
        put(record)
    os._exit(0)


def run_child(code, unseen, entry, tests, first, request):
    """The records one child wrote and why it stopped short, if it did."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            os.dup2(writer, 3)
            os.closerange(4, 256)
            limit(request["memory"], request["seconds"])
            child(code, unseen, entry, tests, first, request["fuel"], 3)
        finally:
            os._exit(1)
    os.close(writer)
    data, why, end = b"", "ended", time.monotonic() + request["seconds"]
    while True:
        ready, _, _ = select.select([reader], [], [], max(0, end - time.monotonic()))
        if not ready:
            why = "time"
            break
        part = os.read(reader, 1 << 16)
        if not part:
            break
        data += part
        if len(data) > 2 * RESULT_BYTES * max(1, len(tests)):
            why = "output"
            break
    os.close(reader)
    try:
        os.kill(pid, 9)
    except OSError:
        pass
    _, status = os.waitpid(pid, 0)
    if why == "ended" and os.WIFSIGNALED(status) and os.WTERMSIG(status) in (24, 9):
        why = "time"
    records = []
    for line in data.split(b"\n")[:-1]:
        try:
            record = json.loads(line)
            records.append(record if isinstance(record, dict) else {})
        except ValueError:
            break
    return records[:len(tests) - first], why


def clean(record):
    """What a child wrote is the program's word: keep the shape, drop the rest."""
    status = record.get("status")
    out = {"status": status if status in ("value", "exception", "fuel") else "crash"}
    if out["status"] == "value":
        out["value"] = record.get("value")
    if out["status"] == "exception":
        out["what"] = str(record.get("what"))[:200]
    steps = record.get("steps")
    out["steps"] = steps if isinstance(steps, int) else 0
    lines = record.get("lines")
    lines = [n for n in lines if isinstance(n, int)] if isinstance(lines, list) else []
    return out, lines


def run(source, request):
    tests = request["tests"]
    try:
        code = compile(source, FILE, "exec", dont_inherit=True)
        unseen = None
        # Every test runs the lines that define functions or import: as evidence of where the bug is they only mislead.
        defining = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
        if request["coverage"]:
            unseen = {n.lineno for n in ast.walk(ast.parse(source)) if isinstance(n, defining)}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return {"compiled": False, "error": "%s: %s" % (type(error).__name__, error), "results": [], "coverage": []}
    results, coverage, exhausted = [], [], 0
    while len(results) < len(tests):
        if exhausted >= request["exhaust"]:
            # Endless on so many tests already: the others would only cost time.
            results.append({"status": "skipped"})
            coverage.append([])
            continue
        records, why = run_child(code, unseen, request["entry"], tests, len(results), request)
        for record in records:
            result, lines = clean(record)
            exhausted += result["status"] == "fuel"
            results.append(result)
            coverage.append(lines)
        if len(results) < len(tests) and not (records and records[-1].get("status") == "fuel"):
            exhausted += why == "time"
            results.append({"status": "time" if why == "time" else "crash"})
            coverage.append([])
    return {"compiled": True, "error": "", "results": results, "coverage": coverage}


def answer(request):
    if request["op"] == "mutate":
        try:
            return {"mutants": mutants(request["source"], request["cap"])}
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return {"error": "does not compile: %s: %s" % (type(error).__name__, error)}
    source = request["source"].encode()
    return {"runs": [run(edited(source, edit), request) for edit in request["edits"]]}


def edited(source, edit):
    return (source[:edit["offset"]] + edit["text"].encode() + source[edit["offset"] + edit["length"]:]).decode()


def read_exactly(stream, count):
    data = stream.read(count)
    return data if len(data) == count else None


def main():
    sys.setrecursionlimit(1000)
    warnings.simplefilter("ignore")  # mutants are odd code on purpose
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while (head := read_exactly(source, 4)) is not None:
        body = read_exactly(source, struct.unpack("<I", head)[0])
        if body is None:
            break
        reply = json.dumps(answer(json.loads(body))).encode()
        sink.write(struct.pack("<I", len(reply)) + reply)
        sink.flush()


if __name__ == "__main__":
    main()
