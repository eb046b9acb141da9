"""Single-edit variants of a Python program.

The edit families are those of mutation testing (relational, arithmetic, logical, constant and statement operators) and of
template- and ingredient-based repair (PAR, SPR, GenProg): variables of the scope, off-by-one, argument swap, guards and
conditions put together from the function's own. Positions come from ast, so comments and formatting of the rest survive.
"""
import ast
import builtins
import re

COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is",
           ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in"}
COMPARE_FAMILIES = (("<", "<=", ">", ">=", "==", "!="), ("in", "not in"), ("is", "is not"), ("is", "=="), ("is not", "!="))
ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
              ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>"}
ARITHMETIC_FAMILIES = (("+", "-", "*", "//", "/", "%"), ("&", "|", "^"), ("<<", ">>"), ("*", "**"))
NAMES = (("min", "max"), ("any", "all"), ("floor", "ceil"), ("sorted", "reversed", "list"), ("append", "extend", "add"),
         ("append", "appendleft"), ("pop", "popleft"), ("extend", "extendleft"), ("find", "rfind", "index"), ("index", "rindex"), ("split", "rsplit"), ("partition", "rpartition"),
         ("strip", "lstrip", "rstrip"), ("lower", "upper"), ("islower", "isupper"), ("isdigit", "isalpha", "isalnum", "isspace"),
         ("startswith", "endswith"), ("ljust", "rjust"), ("keys", "values", "items"), ("bisect_left", "bisect_right"),
         ("remove", "discard"), ("union", "intersection", "difference"), ("int", "float", "round"), ("heappush", "heappop"))
WRAPPERS = ("abs", "len", "list", "sorted", "reversed", "set", "sum", "int", "str")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)


class Program:
    def __init__(self, source):
        self.source = source
        self.tree = ast.parse(source)
        self.lines = source.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.edits = []
        for parent in ast.walk(self.tree):
            for child in ast.iter_child_nodes(parent):
                child.up = parent
        self.defined = [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef)]
        self.globals = set(dir(builtins)) | {n.name for n in ast.walk(self.tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        self.globals |= {n.id for s in self.tree.body for n in ast.walk(s) if isinstance(s, ast.Assign) and isinstance(n, ast.Name)}
        self.globals |= {(a.asname or a.name) for n in ast.walk(self.tree) if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}
        self.attributes = sorted({n.attr for n in ast.walk(self.tree) if isinstance(n, ast.Attribute) and not isinstance(n.up, ast.Call)})

    def at(self, line, column):
        text = self.lines[line - 1]
        return self.starts[line - 1] + (column if text.isascii() else len(text.encode()[:column].decode()))

    def begin(self, node):
        return self.at(node.lineno, node.col_offset)

    def end(self, node):
        return self.at(node.end_lineno, node.end_col_offset)

    def text(self, node):
        return self.source[self.begin(node):self.end(node)]

    def dedented(self, statement):
        """Its text as it would stand at the left margin."""
        first, *rest = self.text(statement).split("\n")
        return "\n".join([first] + [line[min(statement.col_offset, len(line) - len(line.lstrip())):] for line in rest])

    def function(self, node):
        while node is not None and not isinstance(node, ast.FunctionDef):
            node = getattr(node, "up", None)
        return node

    def cut(self, begin, end, text, line, kind, tier):
        self.edits.append((begin, end, text, line, kind, tier))

    def replace(self, node, text, kind, tier):
        self.cut(self.begin(node), self.end(node), text, node.lineno, kind, tier)

    def group(self, node):
        text = self.text(node)
        loose = isinstance(node, (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.UnaryOp, ast.Lambda, ast.Yield, ast.NamedExpr, ast.GeneratorExp))
        return "(" + text + ")" if loose and not text.startswith("(") else text

    def between(self, left, right, old, new, kind, tier):
        """Replaces the operator between two operands."""
        begin, end = self.end(left), self.begin(right)
        gap = self.source[begin:end]
        found = re.search(r"\s+".join(re.escape(p) for p in old.split()), gap)
        if found:
            self.cut(begin + found.start(), begin + found.end(), new, left.end_lineno, kind, tier)


def names_of(program, function):
    """Names bound in a function and in those around it, in order of appearance."""
    out = []
    while function is not None:
        a = function.args
        for argument in a.posonlyargs + a.args + a.kwonlyargs:
            out.append(argument.arg)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and program.function(node) is function:
                out.append(node.id)
        function = program.function(getattr(function, "up", None))
    return list(dict.fromkeys(out))


def is_ingredient(node):
    """A statement short enough to stand elsewhere as well: of one line, or an if of few without else."""
    return isinstance(node, SIMPLE) or (isinstance(node, ast.If) and not node.orelse)


def names_used(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def atoms(node):
    if isinstance(node, ast.BoolOp):
        return [a for v in node.values for a in atoms(v)]
    return [] if isinstance(node, ast.Constant) else [node]


class Ingredients:
    """What a function offers for putting conditions, values and statements together."""

    def __init__(self, program, function):
        self.names = names_of(program, function)
        own = [n for n in ast.walk(function)] if function is not None else []
        # Parameters and names of the functions around are there from the start; the rest only after their first binding.
        self.early = names_of(program, program.function(getattr(function, "up", None))) if function is not None else []
        if function is not None:
            self.early = [a.arg for a in function.args.args] + self.early
        keep = lambda nodes: list(dict.fromkeys(program.text(n) for n in nodes if n.lineno == n.end_lineno and len(program.text(n)) <= 80))
        tests = [n.test for n in own if isinstance(n, (ast.If, ast.While, ast.IfExp))] + [t for n in own if isinstance(n, ast.comprehension) for t in n.ifs]
        self.conditions = keep([a for t in tests for a in atoms(t)])
        self.returns = keep([n.value for n in own if isinstance(n, ast.Return) and n.value is not None])
        self.statements = [program.dedented(n) for n in own if is_ingredient(n)]
        known = set(self.names) | program.globals
        self.statements += [program.dedented(n) for n in ast.walk(program.tree) if is_ingredient(n) and names_used(n) <= known]
        self.statements = list(dict.fromkeys(text for text in self.statements if len(text) <= 100))


def bodies(node):
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block


def off_by_one(p, node, tier):
    if isinstance(node, (ast.Constant, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.GeneratorExp, ast.Starred, ast.Compare, ast.BoolOp, ast.Slice, ast.Tuple, ast.JoinedStr, ast.Lambda)):
        return
    for change in (" + 1", " - 1"):
        p.replace(node, p.group(node) + change, "off_by_one", tier)


def wrap(p, node, have, tier):
    text = p.text(node)
    for name in WRAPPERS:
        p.replace(node, "%s(%s)" % (name, text), "wrap", tier)
    p.replace(node, "[%s]" % text, "wrap", tier)
    for other in ["0", "1"] + have.names:
        if other != text:
            for name in ("max", "min"):
                p.replace(node, "%s(%s, %s)" % (name, other, text), "wrap", 3)
    for function in p.defined:
        if len(function.args.args) == 1:
            p.replace(node, "%s(%s)" % (function.name, text), "wrap", tier)


def condition(p, node, have):
    text = p.text(node)
    p.replace(node, "not (%s)" % text, "negation", 1)
    for other in have.conditions:
        if other != text:
            for join in (" and ", " or "):
                p.replace(node, "(%s)%s(%s)" % (text, join, other), "condition", 2)
                p.replace(node, "(%s)%snot (%s)" % (text, join, other), "condition", 3)
    for name in have.names:
        for join in (" and ", " or "):
            for wanted in (name, "not " + name):
                p.replace(node, "%s%s(%s)" % (wanted, join, text), "condition", 2)
        for test in (" == 0", " is None", " is not None"):
            p.replace(node, "%s%s or (%s)" % (name, test, text), "condition", 3)
        p.replace(node, name, "condition", 2)
        p.replace(node, "not " + name, "condition", 3)


def expression(p, node, have):
    """Edits of one expression node, by its type."""
    up = getattr(node, "up", None)
    if isinstance(node, ast.Compare):
        left = node.left
        for op, right in zip(node.ops, node.comparators):
            old = COMPARE[type(op)]
            for family in COMPARE_FAMILIES:
                if old in family:
                    for new in family:
                        if new != old:
                            p.between(left, right, old, new, "comparison", 1)
            left = right
        off_by_one(p, node.comparators[-1], 1)
        off_by_one(p, node.left, 2)
        p.replace(node, "%s %s %s" % (p.group(node.comparators[-1]), COMPARE[type(node.ops[0])], p.group(node.left)), "operand_swap", 2)
    elif isinstance(node, ast.BinOp):
        old = ARITHMETIC.get(type(node.op))
        for family in ARITHMETIC_FAMILIES:
            if old in family:
                for new in family:
                    if new != old:
                        p.between(node.left, node.right, old, new, "arithmetic", 1)
        regroup(p, node)
        p.replace(node, p.group(node.left), "operand_delete", 1)
        p.replace(node, p.group(node.right), "operand_delete", 1)
        if old:
            p.replace(node, "%s %s %s" % (p.group(node.right), old, p.group(node.left)), "operand_swap", 2)
    elif isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:]):
            p.between(left, right, old, new, "logical", 1)
        for dropped in node.values:
            rest = [p.group(v) for v in node.values if v is not dropped]
            p.replace(node, (" %s " % old).join(rest), "logical", 1)
    elif isinstance(node, ast.UnaryOp):
        p.replace(node, p.group(node.operand), "negation" if isinstance(node.op, ast.Not) else "arithmetic", 1)
    elif isinstance(node, ast.Constant):
        constant(p, node, have)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        callee = isinstance(up, ast.Call) and up.func is node
        if callee:
            for function in p.defined:
                if function.name != node.id:
                    p.replace(node, function.name, "call", 2)
            family_names(p, p.begin(node), node.id, node.lineno)
        else:
            for name in have.names:
                if name != node.id:
                    p.replace(node, name, "variable", 2)
    elif isinstance(node, ast.Attribute):
        begin = p.end(node) - len(node.attr)
        family_names(p, begin, node.attr, node.end_lineno)
        if not isinstance(up, ast.Call):
            for other in p.attributes:
                if other != node.attr:
                    p.cut(begin, p.end(node), other, node.end_lineno, "member", 2)
            if isinstance(node.ctx, ast.Load):
                p.replace(node, p.text(node.value), "member", 2)
        if isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name):
            for other in p.attributes:
                p.replace(node.value, p.text(node.value) + "." + other, "member", 3)
    elif isinstance(node, ast.Call):
        call(p, node, have)
    elif isinstance(node, ast.Subscript):
        subscript(p, node)
    elif isinstance(node, ast.IfExp):
        condition(p, node.test, have)
        p.replace(node, "%s if %s else %s" % (p.group(node.orelse), p.text(node.test), p.group(node.body)), "condition", 1)
        p.replace(node, p.group(node.body), "condition", 2)
        p.replace(node, p.group(node.orelse), "condition", 2)
    elif isinstance(node, ast.List) and isinstance(node.ctx, ast.Load):
        if not node.elts:
            p.replace(node, "[[]]", "constant", 2)
        else:
            for one in node.elts:
                rest = [p.text(e) for e in node.elts if e is not one]
                p.replace(node, "[%s]" % ", ".join(rest), "constant", 2)
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
        a, b = node.elts
        p.cut(p.begin(a), p.end(b), p.text(b) + p.source[p.end(a):p.begin(b)] + p.text(a), a.lineno, "operand_swap", 1)
    elif isinstance(node, ast.Yield) and node.value is not None:
        p.replace(node, "yield from " + p.text(node.value), "keyword", 1)
        for function in p.defined:
            if len(function.args.args) == 1:
                p.replace(node, "yield from %s(%s)" % (function.name, p.text(node.value)), "keyword", 2)
        wrap(p, node.value, have, 2)
    elif isinstance(node, ast.YieldFrom):
        p.replace(node, "yield " + p.text(node.value), "keyword", 1)
    elif isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
        last = node.generators[-1]
        for test in last.ifs:
            p.cut(p.end(last.iter), p.end(test), "", last.iter.lineno, "condition", 1)
            condition(p, test, have)
        if not last.ifs:
            own = [n.id for n in ast.walk(last.target) if isinstance(n, ast.Name)]
            for name in own:
                for other in have.names:
                    for op in ("not in", "!=", "in"):
                        if other != name:
                            p.cut(p.end(last.iter), p.end(last.iter), " if %s %s %s" % (name, op, other), last.iter.lineno, "condition", 3)


def regroup(p, node):
    """Parentheses that are missing or too many: `a + b * c` and `(a + b) * c`."""
    op = ARITHMETIC.get(type(node.op))
    for inner, left in ((node.left, True), (node.right, False)):
        if not isinstance(inner, ast.BinOp) or op is None or type(inner.op) not in ARITHMETIC:
            continue
        begin, end = p.begin(inner), p.end(inner)
        a, b, within = p.text(inner.left), p.text(inner.right), ARITHMETIC[type(inner.op)]
        if "(" in p.source[p.begin(node):begin] + p.source[end:p.end(node)]:
            text = "%s %s %s" % ((p.text(inner), op, p.text(node.right)) if left else (p.text(node.left), op, p.text(inner)))
        elif left:
            text = "%s %s (%s %s %s)" % (a, within, b, op, p.text(node.right))
            if within in "+*":
                p.replace(node, "%s %s (%s %s %s)" % (b, within, a, op, p.text(node.right)), "regroup", 1)
        else:
            text = "(%s %s %s) %s %s" % (p.text(node.left), op, a, within, b)
        p.replace(node, text, "regroup", 1)


def constant(p, node, have):
    value, up = node.value, getattr(node, "up", None)
    if isinstance(up, ast.JoinedStr) or (isinstance(up, ast.Expr)):
        return
    if isinstance(value, bool):
        p.replace(node, str(not value), "constant", 1)
    elif isinstance(value, (int, float)):
        for other in (value + 1, value - 1, 0, 1, -1):
            p.replace(node, repr(other) if other >= 0 else "(%r)" % other, "constant", 1)
        if value > 2:
            for other in (value * 2, value // 2, value * 10, value // 10):
                p.replace(node, repr(other), "constant", 3)
        if isinstance(value, int):
            p.replace(node, "float('inf')", "constant", 3)
    elif isinstance(value, str):
        p.replace(node, "' '" if value == "" else "''", "constant", 2)
    if value is None or isinstance(value, (bool, int, float)):
        for name in have.names:
            p.replace(node, name, "variable", 2)
        if value is None:
            for text in ("0", "[]", "''", "False", "True"):
                p.replace(node, text, "constant", 3)


def family_names(p, begin, name, line):
    for family in NAMES:
        if name in family:
            for other in family:
                if other != name:
                    p.cut(begin, begin + len(name), other, line, "call", 1)


def call(p, node, have):
    arguments = node.args
    for i, argument in enumerate(arguments):
        off_by_one(p, argument, 1)
        if i + 1 < len(arguments):
            a, b = argument, arguments[i + 1]
            p.cut(p.begin(a), p.end(b), p.text(b) + p.source[p.end(a):p.begin(b)] + p.text(a), a.lineno, "argument_swap", 1)
        if len(arguments) <= 3 and not isinstance(argument, ast.Starred):
            p.replace(node, p.group(argument), "unwrap", 1)
        if len(arguments) > 1:
            rest = [p.text(a) for a in arguments if a is not argument]
            p.cut(p.begin(arguments[0]), p.end(arguments[-1]), ", ".join(rest), argument.lineno, "argument_delete", 2)
        if isinstance(argument, (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.BinOp)):
            wrap(p, argument, have, 3)
    for keyword in node.keywords:
        before = p.source[:p.begin(keyword)].rstrip()
        if keyword.arg and before.endswith(","):
            p.cut(len(before) - 1, p.end(keyword), "", keyword.value.lineno, "argument_delete", 2)
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if (name or getattr(node.func, "attr", "")) in ("sorted", "sort") and "reverse" not in [k.arg for k in node.keywords]:
        end = p.end(node) - 1
        p.cut(end, end, ", reverse=True" if arguments or node.keywords else "reverse=True", node.lineno, "keyword", 2)
    if isinstance(node.func, ast.Attribute):
        p.replace(node, p.text(node.func.value), "unwrap", 2)
    if name in ("range", "enumerate") and arguments:
        if name == "range" and len(arguments) == 1:
            p.replace(arguments[0], "1, " + p.text(arguments[0]), "loop_bound", 1)
            p.replace(arguments[0], "1, %s + 1" % p.group(arguments[0]), "loop_bound", 2)
            p.replace(arguments[0], p.group(arguments[0]) + " - 1, -1, -1", "loop_bound", 2)
            for other in have.names:
                p.replace(arguments[0], "%s, %s" % (other, p.text(arguments[0])), "loop_bound", 2)
        if name == "range" and len(arguments) == 2:
            p.cut(p.begin(arguments[0]), p.end(arguments[1]), "%s - 1, %s - 1, -1" % (p.group(arguments[1]), p.group(arguments[0])), node.lineno, "loop_bound", 2)
            p.cut(p.end(arguments[1]), p.end(arguments[1]), ", 2", arguments[1].lineno, "loop_bound", 3)
        if name == "enumerate" and len(arguments) == 1:
            p.cut(p.end(arguments[0]), p.end(arguments[0]), ", 1", arguments[0].lineno, "loop_bound", 2)


def subscript(p, node):
    index = node.slice
    if isinstance(index, ast.Slice):
        lower, upper = (p.text(index.lower) if index.lower else ""), (p.text(index.upper) if index.upper else "")
        step = ":" + p.text(index.step) if index.step else ""
        options = {(lower, ""), ("", upper), (upper, lower)}
        options.update((a, upper) for a in ((p.group(index.lower) + " + 1", p.group(index.lower) + " - 1") if index.lower else ("1",)))
        options.update((lower, b) for b in ((p.group(index.upper) + " + 1", p.group(index.upper) + " - 1") if index.upper else ("-1",)))
        for a, b in sorted(options):
            p.replace(node, "%s[%s:%s%s]" % (p.text(node.value), a, b, step), "slice", 1)
        p.replace(node, p.text(node.value), "slice", 2)
        if not step:
            p.replace(node, "%s[%s:%s:-1]" % (p.text(node.value), lower, upper), "slice", 2)
    else:
        off_by_one(p, index, 1)
        p.replace(index, "-1", "index", 2)
        if isinstance(node.value, ast.Subscript) and not isinstance(node.value.slice, ast.Slice):
            inner = node.value
            p.replace(node, "%s[%s][%s]" % (p.text(inner.value), p.text(index), p.text(inner.slice)), "index", 1)
    if isinstance(node.ctx, ast.Load):
        p.replace(node, p.text(node.value), "index", 2)


def indented(text, pad):
    return "".join(pad + line + "\n" for line in text.split("\n"))


class Statements:
    """Edits of whole statements: lines, so that indentation stays right."""

    def __init__(self, p):
        self.p = p

    def lines(self, s):
        first = min([s.lineno] + [d.lineno for d in getattr(s, "decorator_list", [])])
        return first - 1, s.end_lineno

    def whole(self, s, to_column):
        first, last = self.lines(s)
        shift = to_column - s.col_offset
        out = ""
        for line in self.p.lines[first:last]:
            line = line if line.endswith("\n") else line + "\n"
            out += (" " * shift + line) if shift > 0 else line[min(-shift, len(line) - len(line.lstrip(" "))):]
        return out

    def span(self, a, b):
        return self.p.starts[self.lines(a)[0]], self.p.starts[self.lines(b)[1]]

    def alone(self, s):
        """Whether the statement has its lines for itself (no `if x: y`, no `a; b`)."""
        first, last = self.lines(s)
        p = self.p
        return not p.lines[first][:s.col_offset].strip() and p.lines[last - 1][s.end_col_offset:].split("#")[0].strip() == ""

    def put(self, a, b, text, line, kind, tier):
        begin, end = self.span(a, b)
        self.p.cut(begin, end, text, line, kind, tier)

    def block(self, block, have, in_loop):
        p = self.p
        for i, s in enumerate(block):
            if not self.alone(s):
                continue
            column, begin = s.col_offset, p.starts[self.lines(s)[0]]
            is_definition = isinstance(s, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom))
            if not is_definition and not isinstance(s, ast.Pass):
                self.put(s, s, " " * column + "pass\n", s.lineno, "statement_delete", 1)
                if isinstance(s, SIMPLE):
                    self.put(s, s, self.whole(s, column) * 2, s.lineno, "statement_duplicate", 3)
            following = block[i + 1] if i + 1 < len(block) else None
            if following is not None and self.alone(following) and not is_definition:
                if isinstance(s, ast.If) and isinstance(following, ast.If) and not s.orelse:
                    p.cut(p.begin(following), p.begin(following) + 2, "elif", following.lineno, "keyword", 1)
                gap = p.source[self.span(s, s)[1]:self.span(following, following)[0]]
                self.put(s, following, self.whole(following, column) + gap + self.whole(s, column), s.lineno, "statement_move", 1)
                for inner in bodies(following):
                    if self.alone(inner[0]) and not isinstance(s, (ast.FunctionDef, ast.For, ast.While)):
                        head = p.source[self.span(s, s)[1]:self.span(inner[0], inner[0])[0]]
                        rest = p.source[self.span(inner[0], inner[0])[0]:self.span(following, following)[1]]
                        self.put(s, following, head + self.whole(s, inner[0].col_offset) + rest, s.lineno, "statement_move", 2)
                        break
            if isinstance(s, SIMPLE):
                self.move_far(block, i)
            if isinstance(s, (ast.For, ast.While, ast.If)):
                for inner in bodies(s):
                    last = inner[-1]
                    if not self.alone(last):
                        continue
                    if following is not None and self.alone(following):
                        # The next statement joins the block's end; or, below, the block's last one leaves it.
                        gap = p.source[self.span(last, last)[1]:self.span(s, s)[1]]
                        head = p.source[begin:self.span(last, last)[1]]
                        between = p.source[self.span(s, s)[1]:self.span(following, following)[0]]
                        self.put(s, following, head + self.whole(following, last.col_offset) + gap + between, following.lineno, "statement_move", 2)
                    if len(inner) > 1 and inner is s.body and not s.orelse:
                        head = p.source[begin:self.span(last, last)[0]]
                        self.put(s, s, head + self.whole(last, column), last.lineno, "statement_move", 1)
            if is_definition:
                continue
            self.insert(s, begin, column, have, in_loop, i == 0)
        last = block[-1]
        if self.alone(last) and not isinstance(last, (ast.Return, ast.Continue, ast.Break, ast.Raise)):
            end, column = self.span(last, last)[1], last.col_offset
            lead = "" if p.source[:end].endswith("\n") else "\n"
            for text in have.statements:
                p.cut(end, end, lead + indented(text, " " * column), last.end_lineno, "statement_insert", 3)
            if in_loop:
                for word in ("break", "continue"):
                    p.cut(end, end, lead + " " * column + word + "\n", last.end_lineno, "keyword", 3)
            for value in have.returns:
                p.cut(end, end, "%s%sreturn %s\n" % (lead, " " * column, value), last.end_lineno, "statement_insert", 3)

    def move_far(self, block, i):
        """Behind each later statement of the block but the next, in front of each earlier one but the one before."""
        p, s = self.p, block[i]
        begin, end = self.span(s, s)
        whole = self.whole(s, s.col_offset)
        for other in block[i + 2:]:
            if self.alone(other) and not isinstance(other, ast.Return):
                last = self.span(other, other)[1]
                lead = "" if p.source[:last].endswith("\n") else "\n"
                self.put(s, other, p.source[end:last] + lead + whole, s.lineno, "statement_move", 3)
        for other in block[:max(0, i - 1)]:
            if self.alone(other):
                self.put(other, s, whole + p.source[self.span(other, other)[0]:begin], s.lineno, "statement_move", 3)

    def insert(self, s, begin, column, have, in_loop, first):
        """A missing base case, skip or update in front of a statement."""
        p, pad = self.p, " " * column
        function = p.function(s)
        if function is not None and first:
            top = s in function.body
            tests = list(have.conditions) + ["not (%s)" % c for c in have.conditions]
            if top or in_loop:
                tests += ["not " + n for n in (have.early if top else have.names)] + ["%s == 0" % n for n in (have.early if top else have.names)]
            ends = ["continue", "break"] if in_loop else []
            ends += ["return " + v for v in have.returns] if top else []
            if top:
                ends += ["return " + v for v in ["0", "[]", "None", "True", "False"] + have.early]
            for test in tests:
                for end in dict.fromkeys(ends):
                    p.cut(begin, begin, "%sif %s:\n%s    %s\n" % (pad, test, pad, end), s.lineno, "guard", 3)
        for text in have.statements:
            if text != p.dedented(s):
                p.cut(begin, begin, indented(text, pad), s.lineno, "statement_insert", 3)


def statement(p, node, have):
    if isinstance(node, (ast.If, ast.While)):
        condition(p, node.test, have)
    if isinstance(node, ast.While):
        p.cut(p.begin(node), p.begin(node) + 5, "if", node.lineno, "keyword", 2)
    if isinstance(node, ast.If) and p.source[p.begin(node):].startswith("elif"):
        p.cut(p.begin(node), p.begin(node) + 4, "if", node.lineno, "keyword", 1)
    elif isinstance(node, ast.If) and not node.orelse:
        p.cut(p.begin(node), p.begin(node) + 2, "while", node.lineno, "keyword", 3)
    if isinstance(node, ast.For):
        for name in have.names:
            if name != p.text(node.iter):
                p.replace(node.iter, name, "variable", 1)
        if not isinstance(node.iter, ast.Call):
            wrap(p, node.iter, have, 2)
    if isinstance(node, ast.Return) and node.value is not None:
        off_by_one(p, node.value, 1)
        wrap(p, node.value, have, 2)
        for other in have.returns + have.names + ["0", "1", "-1", "[]", "None", "True", "False"]:
            p.replace(node.value, other, "return_value", 2)
        p.replace(node.value, "not (%s)" % p.text(node.value), "return_value", 2)
        for other in have.conditions + have.returns:
            if other != p.text(node.value):
                for join in (" and ", " or "):
                    p.replace(node.value, "(%s)%s(%s)" % (p.text(node.value), join, other), "return_value", 3)
        p.cut(p.begin(node), p.begin(node) + 6, "yield", node.lineno, "keyword", 2)
    if isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Tuple):
        off_by_one(p, node.value, 1)
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], (ast.Name, ast.Attribute, ast.Subscript)):
        target = p.text(node.targets[0])
        for name in ("max", "min"):
            p.replace(node.value, "%s(%s, %s)" % (name, target, p.text(node.value)), "wrap", 2)
    if isinstance(node, ast.AugAssign):
        old = ARITHMETIC.get(type(node.op))
        for family in ARITHMETIC_FAMILIES:
            if old in family:
                for new in family:
                    if new != old:
                        p.between(node.target, node.value, old + "=", new + "=", "arithmetic", 1)
        p.between(node.target, node.value, (old or "?") + "=", "=", "assignment", 1)
        off_by_one(p, node.value, 1)
        wrap(p, node.value, have, 3)
    if isinstance(node, ast.Assign):
        target = node.targets[-1]
        for new in ("+=", "-="):
            if isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)) and len(node.targets) == 1:
                p.between(target, node.value, "=", new, "assignment", 2)
        off_by_one(p, node.value, 2)
        if not isinstance(node.value, (ast.Tuple, ast.Lambda)):
            wrap(p, node.value, have, 3)
        if isinstance(target, ast.Subscript):
            for other in have.names:
                p.replace(node.value, "%s(%s, %s)" % ("max", p.text(target), p.text(node.value)), "wrap", 2)
                p.replace(node.value, "%s(%s, %s)" % ("min", p.text(target), p.text(node.value)), "wrap", 2)
                break
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                for name in have.names:
                    if name != target.id:
                        p.replace(target, name, "assignment", 2)
    if isinstance(node, ast.Break):
        p.replace(node, "continue", "keyword", 1)
    if isinstance(node, ast.Continue):
        p.replace(node, "break", "keyword", 1)


def thin(edits, keep):
    """`keep` of them, spread evenly over the program so that no part of it goes without."""
    return [edits[i * len(edits) // keep] for i in range(keep)]


def capped(edits, cap):
    """Too many: whole tiers first. In the tier that overflows every kind has the same share; what a small kind leaves goes to the larger ones."""
    out = []
    for tier in (1, 2, 3):
        kinds = {}
        for edit in edits:
            if edit[5] == tier:
                kinds.setdefault(edit[4], []).append(edit)
        lists = sorted(kinds.values(), key=len)
        for i, of_kind in enumerate(lists):
            out += thin(of_kind, min(len(of_kind), (cap - len(out)) // (len(lists) - i)))
    return out


def mutants(source, cap):
    p = Program(source)
    cache = {}
    for node in ast.walk(p.tree):
        function = p.function(node)
        if id(function) not in cache:
            cache[id(function)] = Ingredients(p, function)
        have = cache[id(function)]
        if isinstance(node, ast.expr):
            expression(p, node, have)
        elif isinstance(node, ast.stmt):
            statement(p, node, have)
        in_loop = node
        while in_loop is not None and not isinstance(in_loop, (ast.For, ast.While) + FUNCTIONS):
            in_loop = getattr(in_loop, "up", None)
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.Lambda, ast.expr)):
            for block in bodies(node):
                Statements(p).block(block, have, isinstance(in_loop, (ast.For, ast.While)))
    order = lambda e: (e[0], e[1], e[5], e[4], e[2])
    seen, distinct = {source}, []
    for edit in sorted(p.edits, key=order):
        text = source[:edit[0]] + edit[2] + source[edit[1]:]
        if text not in seen:
            seen.add(text)
            distinct.append(edit)
    if len(distinct) > cap:
        distinct = capped(distinct, cap)
    out = []
    for edit in sorted(distinct, key=order):
        text = source[:edit[0]] + edit[2] + source[edit[1]:]
        try:
            compile(text, "<mutant>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            continue
        out.append({"source": text, "line": edit[3], "kind": edit[4]})
    return out
