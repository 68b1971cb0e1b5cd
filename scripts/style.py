"""[acts] The house limits, measured: sizes, types, docstrings, escapes, cycles, tests; exit 1 if one breaks.

    python scripts/style.py [ROOT]

How each figure is counted
    file length      physical lines of a module that holds more than a docstring.
    function length  from `def` to the last line without the docstring; nested ones count, overloads do not.
    params           without self or cls; *args and **kwargs do not count.
    public docs      classes, functions and methods that no underscore hides; overrides left out.
    per 1000         of code lines: those with a token that is neither comment nor docstring.
    p95              the value at position int(0.95 n) of the sorted list.
    cycle            modules that import each other when imported; imports inside functions do not count.
"""

import ast
import io
import re
import statistics
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef

SUPPRESSION = re.compile(
    r"noqa|type:\s*ignore|pyright:|pragma:|ty:\s*ignore|mypy:|fmt:\s*(off|on|skip)|nosec"
)
LAYOUT = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.COMMENT,
}
MOCKS = {"mock", "Mock", "MagicMock", "AsyncMock", "mocker"}
ESCAPES = ("Any", "broad except", "suppressions", "local imports")

CEILINGS = {
    "entries in a folder": 20,
    "file length p95": 350,
    "file length max": 500,
    "function length median": 10,
    "function length p95": 35,
    "function length max": 60,
    "params p95": 6,
    "Any per 1000": 5.0,
    "broad except per 1000": 1.0,
    "suppressions per 1000": 3.0,
    "local imports per 1000": 2.0,
    "modules in a cycle": 0,
    "mocks per test": 0.02,
}
FLOORS = {"typed %": 100.0, "public docs %": 95.0, "module docs %": 100.0, "tests to code": 1.0}


@dataclass(slots=True, kw_only=True)
class Count:
    """What was counted over a set of files; each list holds (value, where)."""

    files: list[tuple[int, str]] = field(default_factory=list)
    functions: list[tuple[int, str]] = field(default_factory=list)
    params: list[tuple[int, str]] = field(default_factory=list)
    untyped: list[str] = field(default_factory=list)
    undocumented: list[str] = field(default_factory=list)
    bare_modules: list[str] = field(default_factory=list)
    escapes: dict[str, list[str]] = field(default_factory=lambda: {k: [] for k in ESCAPES})
    public: int = 0
    code: int = 0
    tests: int = 0
    mocks: int = 0


def count(root: Path, paths: Iterable[Path]) -> Count:
    """Every figure over `paths`, which are named relative to `root`."""
    total = Count()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        name = path.relative_to(root).as_posix()
        _count_lines(total, name, text, tree)
        if len(tree.body) > bool(_doc_lines(tree)):
            total.files.append((len(text.splitlines()), name))
            total.bare_modules += [] if _doc_lines(tree) else [name]
        for node, inside, public in _definitions(tree):
            _count_definition(total, f"{name}:{node.lineno} {node.name}", (node, inside, public))
        for child in ast.walk(tree):
            _count_node(total, name, child)
    return total


def _count_lines(total: Count, name: str, text: str, tree: ast.Module) -> None:
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
        elif token.type == tokenize.COMMENT and SUPPRESSION.search(token.string):
            total.escapes["suppressions"].append(f"{name}:{token.start[0]}")
    documented = (n for n in ast.walk(tree) if isinstance(n, ast.Module | Definition) and _doc_lines(n))
    docs = {line for n in documented for line in range(n.body[0].lineno, (n.body[0].end_lineno or 0) + 1)}
    total.code += len(code - docs)


def _count_definition(total: Count, where: str, found: tuple[Definition, str, bool]) -> None:
    node, inside, public = found
    marks = _decorators(node)
    if not isinstance(node, ast.ClassDef) and "overload" not in marks:
        bound = inside == "class" and "staticmethod" not in marks
        a = node.args
        length = (node.end_lineno or 0) - node.lineno + 1 - _doc_lines(node)
        total.functions.append((length, where))
        total.params.append((len(a.posonlyargs) + len(a.args) + len(a.kwonlyargs) - bound, where))
        total.untyped += [] if _is_typed(node, bound=bound) else [where]
        total.tests += node.name.startswith("test")
    if public and inside != "function" and not marks & {"overload", "setter", "deleter", "override"}:
        total.public += 1
        total.undocumented += [] if _doc_lines(node) else [where]


def _count_node(total: Count, name: str, node: ast.AST) -> None:
    match node:
        case (
            ast.ExceptHandler(type=None) | ast.ExceptHandler(type=ast.Name(id="Exception" | "BaseException"))
        ):
            total.escapes["broad except"].append(f"{name}:{node.lineno}")
        case ast.Name(id="Any"):
            total.escapes["Any"].append(f"{name}:{node.lineno}")
        case ast.Name() if node.id in MOCKS:
            total.mocks += 1
        case ast.Module():
            total.escapes["local imports"] += [f"{name}:{line}" for line in _local_imports(node)]


def _definitions(
    node: ast.AST, inside: str = "module", public: bool = True
) -> Iterator[tuple[Definition, str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            shown = public and not child.name.startswith("_")
            yield child, inside, shown
            within = "class" if isinstance(child, ast.ClassDef) else "function"
            yield from _definitions(child, within, shown and within == "class")
        else:
            yield from _definitions(child, inside, public)


def _local_imports(node: ast.AST, inside: bool = False) -> Iterator[int]:
    if inside and isinstance(node, ast.Import | ast.ImportFrom):
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _local_imports(child, inside or isinstance(node, Function))


def _doc_lines(node: ast.Module | Definition) -> int:
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str())) as first, *_]:
            return (first.end_lineno or 0) - first.lineno + 1
    return 0


def _decorators(node: Definition) -> set[str]:
    plain = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return {n.attr if isinstance(n, ast.Attribute) else n.id for d in plain for n in _dotted(d)}


def _dotted(node: ast.expr) -> Iterator[ast.Attribute | ast.Name]:
    while isinstance(node, ast.Attribute):
        yield node
        node = node.value
    if isinstance(node, ast.Name):
        yield node


def _is_typed(node: Function, *, bound: bool) -> bool:
    a = node.args
    named = [*a.posonlyargs, *a.args][bound:]
    params = chain(named, a.kwonlyargs, filter(None, (a.vararg, a.kwarg)))
    return all(p.annotation for p in params) and (node.returns is not None or node.name == "__init__")


def imports(package: Path, paths: Iterable[Path]) -> dict[str, set[str]]:
    """Module name to the modules of the same package that importing it imports."""
    named = {_module(package, p): p for p in paths}
    return {name: _imported(name, path, named) - {name} for name, path in named.items()}


def _module(package: Path, path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    here = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found: set[str] = set()
    todo: list[ast.AST] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while todo:
        match todo.pop():
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING")) as guarded:
                todo += guarded.orelse
            case ast.Import(names=names):
                found |= {a.name for a in names}
            case ast.ImportFrom(module=module, names=names, level=level):
                source = ".".join(
                    [*(here[: len(here) - level + 1] if level else []), *([module] if module else [])]
                )
                full = {f"{source}.{a.name}" for a in names}
                # A name that is no submodule stands in the package's own __init__.
                found |= full & known.keys() or {source}
                found |= {source} if full - known.keys() else set()
            case node:
                todo += ast.iter_child_nodes(node)
    return found & known.keys()


def cycle(graph: dict[str, set[str]]) -> Sequence[str]:
    """One ring of modules that import each other; empty when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring: Sequence[str] = error.args[1]
        return ring[1:]
    return ()


def widest(package: Path, paths: Iterable[Path]) -> int:
    """The most entries that one folder of the package shows, `__init__.py` left out."""
    seen: dict[Path, set[Path]] = {}
    for path in (p for p in paths if p.name != "__init__.py"):
        for child in (path, *path.parents):
            if child == package:
                break
            seen.setdefault(child.parent, set()).add(child)
    return max(map(len, seen.values()), default=0)


def figures(root: Path) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Each limit's figure for the project at `root`, and the places to look at when it breaks."""
    package = root / "src" / "lakehouse"
    paths = sorted(package.rglob("*.py"))
    code, tests = count(root, paths), count(root, sorted((root / "tests").rglob("*.py")))
    ring = cycle(imports(package, paths))
    lengths, functions, params = ([n for n, _ in kind] for kind in (code.files, code.functions, code.params))
    values = {
        "entries in a folder": widest(package, paths),
        "file length p95": _p95(lengths),
        "file length max": max(lengths, default=0),
        "function length median": int(statistics.median(functions or [0])),
        "function length p95": _p95(functions),
        "function length max": max(functions, default=0),
        "params p95": _p95(params),
        "modules in a cycle": len(ring),
        "mocks per test": round(tests.mocks / tests.tests, 2) if tests.tests else 0.0,
        "typed %": _kept(code.untyped, len(functions)),
        "public docs %": _kept(code.undocumented, code.public),
        "module docs %": _kept(code.bare_modules, len(lengths)),
        "tests to code": round(tests.code / code.code, 2) if code.code else 0.0,
    } | {f"{k} per 1000": round(1000 * len(v) / max(code.code, 1), 1) for k, v in code.escapes.items()}
    places = {
        "file length": _longest(code.files),
        "function length": _longest(code.functions),
        "params": _longest(code.params),
        "modules in a cycle": [" > ".join(ring)],
        "typed %": code.untyped,
        "public docs %": code.undocumented,
        "module docs %": code.bare_modules,
    } | code.escapes
    return values, places


def _p95(values: list[int]) -> int:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))] if values else 0


def _kept(missing: list[str], total: int) -> float:
    return round(100 * (total - len(missing)) / total, 1) if total else 100.0


def _longest(found: list[tuple[int, str]]) -> list[str]:
    return [f"{n:5d}  {where}" for n, where in sorted(found, reverse=True)[:10]]


def broken(values: dict[str, float]) -> list[str]:
    """The names of the limits that `values` does not keep."""
    over = [k for k, limit in CEILINGS.items() if values[k] > limit]
    return over + [k for k, limit in FLOORS.items() if values[k] < limit]


def main(argv: list[str]) -> int:
    """Print each figure beside its limit, and the worst places under each that breaks."""
    values, places = figures(Path(argv[0] if argv else "."))
    failed = broken(values)
    for name, limit in (CEILINGS | FLOORS).items():
        sign = "≤" if name in CEILINGS else "≥"
        print(f"{'✗' if name in failed else ' '} {name:24} {values[name]:>8} {sign} {limit}")
        if name in failed:
            shown = next((v for k, v in places.items() if name.startswith(k)), [])
            print(*(f"      {place}" for place in shown[:10]), sep="\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
