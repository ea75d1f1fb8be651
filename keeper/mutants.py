"""Change each solution a little, and see whether its check notices.

A mutant is a solution with one slip: another axis, an index that is one off, ``<=`` for
``<``, another order, another logarithm, a median, an argument that is ignored. A check
that lets one pass is blind there, unless the mutant computes the same.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import hashlib
import io
import json
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from course_utils.datasets.fetch import ROOT
from course_utils.exercises import Hint
from keeper.stubs import MARKS, beginning, judged

RECORD = ROOT / "results" / "mutants.json"
EQUAL = ROOT / "tests" / "equal_mutants.json"

OPERATORS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
NAMES = {
    "log": "log2", "log2": "log", "mean": "median", "sum": "mean", "max": "min",
    "min": "max", "argmax": "argmin", "argmin": "argmax", "sin": "cos", "cos": "sin",
    "tanh": "arctan", "std": "var", "sqrt": "abs", "lower": "upper",
    "reversed": "list", "sorted": "list", "abs": "float", "LSTM": "GRU",
    "GRU": "LSTM", "SimpleRNN": "GRU", "Adam": "RMSprop", "RMSprop": "Adam",
    "average": "median", "unique": "asarray", "set": "list", "maximum": "minimum",
}  # fmt: skip
TEXTS = {
    "rmsprop": "adam", "adam": "rmsprop", "mse": "mae", "mae": "mse", "relu": "tanh",
    "sigmoid": "linear", "binary_crossentropy": "mse", "accuracy": "mse",
    "float32": "float64", "leak": "copy", "better": "no better", "concat": "sum",
}  # fmt: skip


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield what is changed, and the changed source, for one function at a time."""
    tree = ast.parse(source)
    count = len(list(ast.walk(tree)))
    for place in range(count):
        variants = len(list(_changes(list(ast.walk(tree))[place])))
        for number in range(variants):
            changed = copy.deepcopy(tree)
            node = list(ast.walk(changed))[place]
            change = list(_changes(node))[number]
            before = ast.unparse(node)
            what = change()
            text = ast.unparse(ast.fix_missing_locations(changed))
            line = getattr(node, "lineno", 0)
            yield f"line {line}: {what or before[:60]}", text
    yield from _ignored(tree)


def _changes(node: ast.AST) -> Iterator[Any]:
    """Yield functions that each change a node in one way, and say what they did."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        yield lambda: _swap_operator(node.ops, node)
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        yield lambda: _set(node, "op", OPERATORS[type(node.op)]())
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield lambda: _set(node, "right", ast.Attribute(node.right, "T", ast.Load()))
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield lambda: _set(node, "attr", "real")
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield lambda: _set(node, "attr", NAMES[node.attr])
    if isinstance(node, ast.Name) and node.id in NAMES:
        yield lambda: _set(node, "id", NAMES[node.id])
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            yield lambda: _set(node, "value", not value)
        elif isinstance(value, (int, float)):
            yield lambda: _set(node, "value", value + 1)
            yield lambda: _set(node, "value", value - 1)
        elif value in TEXTS:
            yield lambda: _set(node, "value", TEXTS[value])
    if isinstance(node, ast.Call):
        for number, keyword in enumerate(node.keywords):
            if keyword.arg:
                yield lambda number=number: _drop(node.keywords, number)
    if isinstance(node, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node, part):
                yield lambda part=part: _set(node, part, None)
    if isinstance(node, ast.IfExp):
        yield lambda: _set(node, "body", node.orelse)


def _ignored(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield functions that ignore an argument, or write into one."""
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef))
    for argument in function.args.args:
        kind = ast.unparse(argument.annotation) if argument.annotation else ""
        values = {"int": "3", "float": "0.5", "bool": "False", "list[int]": "[3, 3]"}
        if kind in values:
            lines = [f"{argument.arg} = {values[kind]}"]
        elif kind == "np.ndarray":
            lines = [f"{argument.arg} *= 2", f"{argument.arg} //= 2"]
            lines = [f"{argument.arg}[...] = {argument.arg}[::-1].copy()"]
        else:
            continue
        changed = copy.deepcopy(tree)
        inner = next(n for n in changed.body if isinstance(n, ast.FunctionDef))
        inner.body[:0] = ast.parse("\n".join(lines)).body
        yield f"first: {lines[0]}", ast.unparse(ast.fix_missing_locations(changed))


def _swap_operator(operators: list, node: ast.Compare) -> str:
    before = ast.unparse(node)
    operators[0] = OPERATORS[type(operators[0])]()
    return f"{before} -> {ast.unparse(node)}"


def _set(node: Any, name: str, value: Any) -> str:
    before = ast.unparse(node)
    setattr(node, name, value)
    return f"{before} -> {ast.unparse(node)}"[:100]


def _drop(keywords: list, number: int) -> str:
    return f"without {ast.unparse(keywords.pop(number))}"


class _TooLong(BaseException):
    """A mutant that does not end."""


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fate(source: str, check: str, space: dict[str, Any]) -> str:
    """Return what a check makes of an answer: passed, hint or traceback."""
    space = dict(space)
    try:
        quiet = contextlib.redirect_stdout(io.StringIO())
        with _at_most(8), quiet, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(source, "<answer>", "exec"), space)
            exec(compile(check, "<check>", "exec"), space)
    except (Hint, _TooLong):
        return "hint"
    except Exception:
        return "traceback"
    return "passed"


def test_exercise(path: Path) -> dict[str, dict[str, Any]]:
    """Return for each task how many mutants there are, and which ones live."""
    notebook = nbformat.read(path, as_version=4)
    space: dict[str, Any] = {}
    found = {}
    for place, cell in enumerate(notebook.cells):
        kind = cell.metadata.get("nbgrader", {})
        if kind.get("solution"):
            source = MARKS.sub("", cell.source)
            check = notebook.cells[place + 1].source
            exec(compile(source, cell.id, "exec"), space)
            result: dict[str, Any] = {"mutants": 0, "traceback": [], "passed": []}
            for what, changed in mutants(source):
                result["mutants"] += 1
                came = fate(changed, check, space)
                if came != "hint":
                    result[came].append(what)
            found[kind["grade_id"]] = result
        elif cell.cell_type == "code" and not kind and _is_setup(cell.source):
            exec(compile(cell.source, cell.id, "exec"), space)
    return found


def _is_setup(source: str) -> bool:
    """Tell whether a cell prepares the checks: those that train are left out."""
    slow = (".fit(", "train_on(", "learn(", "forecast_share(", "fig, ax", "predict(")
    later = (
        "errors = ",
        "rivals",
        "write(model",
        "recipes = ",
        "for k in",
        "indices =",
    )
    return not any(part in source for part in (*slow, *later))


def digest() -> str:
    """Return a hash of all tasks, their checks and the inputs that are not seen."""
    cells = [
        cell.source
        for path in judged()
        for cell in nbformat.read(path, as_version=4).cells
        if cell.metadata.get("nbgrader")
    ]
    cells.append((ROOT / "course_utils" / "unseen_inputs.py").read_text("utf-8"))
    return hashlib.sha256("\n".join(cells).encode()).hexdigest()[:16]


def write(only: list[str]) -> None:
    """Test the exercises whose names begin so, and write results/mutants.json."""
    record = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {"tasks": {}}
    for path in judged():
        if not only or path.stem.startswith(tuple(only)):
            record["tasks"][beginning(path.stem)] = test_exercise(path)
            print(path.stem, flush=True)
    record["of"] = digest()
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    RECORD.write_text(text, encoding="utf-8", newline="\n")
