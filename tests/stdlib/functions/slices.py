"""The source that a definition runs, as a hash: itself and all of atkc that it names, in any file.

Comments, docstrings, formatting and types of arguments do not count, nor do words of diagnostics,
nor what is not named. What is reached through an argument has no name: name its class as a root.
Other packages count by the names that are imported from them. The hash is the same for all versions
of Python.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

OWN = "atkc"
# What is wrong is told in these: no result that is stored holds any of it. The forms of replies are
# not what is made.
_PASSED_OVER = {
    *("atkc.runtime.errors", "atkc.spec.codes", "atkc.spec.diagnostic", "atkc.spec.suggest"),
    *("atkc.runtime.api:Reply", "atkc.runtime.api:Embeddings"),
}
Imports = dict[str, tuple[str, str]]  # alias -> (module, name there; "" for the module itself)
Spot = tuple[str, str]  # (module, name of a top-level definition)


@dataclass(frozen=True, slots=True)
class Source:
    """A module: its top-level definitions, what it imports, the data that lie beside it."""

    definitions: dict[str, list[ast.stmt]]
    imports: Imports
    data: tuple[Path, ...]


def fingerprint(*roots: Spot) -> str:
    """Return the hash of what these definitions run."""
    parts = parts_of(*roots)
    told = "\0".join(f"{where}\0{parts[where]}" for where in sorted(parts))
    return hashlib.sha256(told.encode()).hexdigest()


def parts_of(*roots: Spot) -> dict[str, str]:
    """Return what these definitions run, by `module:name`."""
    parts: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        spot = waiting.pop()
        where = ":".join(spot)
        if where in parts:
            continue
        parts[where] = ""
        if spot[0].partition(".")[0] != OWN or _PASSED_OVER & {spot[0], where}:
            continue
        source = _source(spot[0])
        nodes = source.definitions.get(spot[1], [])
        parts[where] = "\n".join(map(_told, nodes))
        for node in nodes:
            waiting += [_home(found) for found in _named(node, spot[0], source)]
        if any(name.id == "__file__" for node in nodes for name in _names(node)):
            parts |= {path.name: path.read_text("utf-8") for path in source.data}
    return parts


@cache
def _source(module: str) -> Source:
    found = find_spec(module)
    assert found is not None, module
    assert found.origin is not None, module
    path = Path(found.origin)
    tree = _Bare().visit(ast.parse(path.read_text("utf-8")))
    definitions: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _defined(node):
            definitions.setdefault(name, []).append(node)
    data = sorted(
        p for p in path.parent.iterdir() if p.is_file() and p.suffix not in (".py", ".pyc")
    )
    return Source(definitions, _imports(tree, module, path), tuple(data))


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Expr):
        return []
    # Assignments, also of several names and within `if` or `for` at the top of a file.
    stored = (n for n in _names(node) if isinstance(n.ctx, ast.Store))
    changed = (
        n.value.id
        for n in ast.walk(node)
        if isinstance(n, ast.Subscript | ast.Attribute)
        and isinstance(n.ctx, ast.Store)
        and isinstance(n.value, ast.Name)
    )
    return [*dict.fromkeys([*(n.id for n in stored), *changed])]


def _imports(tree: ast.AST, module: str, path: Path) -> Imports:
    """Return what names of other modules mean here, wherever in the file they are imported."""
    out: Imports = {}
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                out[alias.asname or name] = (name, "")
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"a relative import in {path}"
            for alias in node.names:
                out[alias.asname or alias.name] = (node.module or package, alias.name)
    return out


def _named(node: ast.AST, module: str, source: Source) -> Iterator[Spot]:
    """Yield the definitions that a node names, of this module and of others."""
    for name in _names(node):
        if name.id in source.imports:
            yield source.imports[name.id]
        elif name.id in source.definitions:
            yield module, name.id
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            where, inner = source.imports.get(part.value.id, ("", ""))
            of_module = f"{where}.{inner}" if inner else where
            if where.partition(".")[0] == OWN and _is_module(of_module):
                yield of_module, part.attr


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name))


def _home(spot: Spot) -> Spot:
    """Return where a definition stands that is imported by way of another module."""
    module, name = spot
    if module.partition(".")[0] != OWN:
        return spot
    imports = {} if not name or _is_module(f"{module}.{name}") else _source(module).imports
    return _home(imports[name]) if imports.get(name, ("",))[0].startswith(OWN) else spot


@cache
def _is_module(name: str) -> bool:
    parent, _, last = name.rpartition(".")
    if not parent:
        return True
    found = find_spec(parent)
    places = (found.submodule_search_locations or []) if found else []
    return any((Path(p) / f"{last}.py").exists() or (Path(p) / last).is_dir() for p in places)


class _Bare(ast.NodeTransformer):
    """Takes away docstrings and the types of arguments and of what is returned."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self._body(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self._body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._body(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node


def _told(value: object) -> str:
    """Return a tree as text, less fields that are empty: some versions of Python have more."""
    if isinstance(value, ast.AST):
        fields = [
            (name, inner) for name, inner in ast.iter_fields(value) if inner not in (None, [])
        ]
        inside = ",".join(f"{name}={_told(inner)}" for name, inner in fields)
        return f"{type(value).__name__}({inside})"
    if isinstance(value, list):
        return f"[{','.join(map(_told, value))}]"
    return repr(value)
