"""Files: each is read, checked against its schema and kept once; import and `use` go by path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field, structs
from msgspec.structs import replace

from atkc.compiler.structure import check
from atkc.spec.diagnostic import Diagnostic, Problem
from atkc.spec.expression.scope import Constant
from atkc.spec.interpolate import interpolate
from atkc.spec.nodes import MapNode, Node, locate, plain
from atkc.spec.places import contains, project_of, real, resolve
from atkc.spec.rowtype import Field, Type
from atkc.spec.signature import Library
from atkc.spec.source import Source, Span
from atkc.spec.yamltext import load, read

Path = tuple[str | int, ...]
Misfit = tuple[Path, Problem]


class Document(Struct, frozen=True):
    """A YAML file that holds to its schema. `path` is in resolved notation.

    Steps that do not hold to it are `broken`: reported, and empty mappings in `data`.
    """

    path: str
    root: MapNode
    data: Mapping[str, Any]
    broken: frozenset[str] = frozenset()


class Workspace(Struct):
    """The files of one compilation, and what was found in them."""

    library: Library
    diagnostics: list[Diagnostic] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    documents: dict[tuple[str, str], Document | None] = field(default_factory=dict)
    unreadable: dict[str, Diagnostic] = field(default_factory=dict)
    records: dict[str, dict[str, Type]] = field(default_factory=dict)
    fields: dict[tuple[str, str], Field] = field(default_factory=dict)  # of params, by file
    settled: dict[tuple[str, str], Any] = field(default_factory=dict)  # defaults that ask nothing
    forwards: list[tuple[str, str]] = field(default_factory=list)  # being looked up
    located: dict[tuple[str, str], str] = field(default_factory=dict)  # paths written in a file

    def report(self, *found: Diagnostic) -> None:
        """Add findings."""
        self.diagnostics.extend(found)

    def apart(self) -> Workspace:
        """Return a workspace over the same files, with findings of its own."""
        return replace(self, diagnostics=[], forwards=[])

    def fill(self, data: Any, constants: Mapping[str, Constant]) -> tuple[Any, list[Misfit]]:
        """Return data with each `${…}` filled in, and the problems with the paths to them."""
        return interpolate(data, constants, self.library.expressions)

    def document(self, path: str, schema: str, span: Span | None = None) -> Document | None:
        """Return a file that holds to a schema, or None after reporting why not."""
        key = (path, schema)
        if key not in self.documents:
            self.documents[key] = None  # a file that names itself is reported, not read for ever
            self.documents[key] = self._load(path, schema, span)
        elif path in self.unreadable:  # each place that names the file is reported
            self.report(structs.replace(self.unreadable[path], span=span))
        return self.documents[key]

    def _load(self, path: str, schema: str, span: Span | None) -> Document | None:
        source = read(str(real(path)))
        if isinstance(source, Diagnostic):
            self.unreadable[path] = _unreadable(path, source, span)
            self.report(structs.replace(self.unreadable[path], span=span))
            return None
        source = Source(shown(path), source.text)
        self.sources[source.path] = source
        root, found = load(source)
        self.report(*found)
        if root is None or any(d.severity == "error" for d in found):
            return None
        if not isinstance(root, MapNode):
            self.report(Diagnostic("ATK202", "the document must be a mapping", root.span))
            return None
        data = plain(root)
        misfits = check(root, data, schema)
        self.report(*misfits)
        places = [d.where.split(".") for d in misfits if d.code != "ATK201" or "." in d.where]
        if not all(p[0] == "steps" and len(p) > 1 for p in places):
            return None
        broken = frozenset(p[1] for p in places)
        data = _said(data)
        if "steps" in data:
            steps = data["steps"].items()
            data["steps"] = {n: {} if n in broken else _said(raw) for n, raw in steps}
        return Document(path, root, data, broken)

    def locate(self, text: str, base: str, span: Span | None) -> str | None:
        """Return a path written in the file `base`, resolved; None if it strays."""
        from atkc.spec.places import Resolved, folder_of

        if isinstance(text, Resolved):
            return text
        known = self.located.get((text, base))
        if known is not None:
            return known
        path = resolve(text, folder_of(base))
        if contains(project_of(base), path):
            self.located[(text, base)] = path
            return path
        self.report(
            Diagnostic(
                "ATK002",
                f"`{text}` lies outside the project",
                span,
                help="keep it below the nearest folder with `.git`, `pyproject.toml` or `atkc.toml`"
                ", or hand the path in with `--set`",
            )
        )
        return None


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping without keys that have no value: they are as good as not written."""
    return {key: value for key, value in data.items() if value is not None}


def _unreadable(path: str, found: Diagnostic, span: Span | None) -> Diagnostic:
    """Return the finding with the path as messages show paths."""
    message = found.message.replace(str(real(path)), shown(path))
    advice = "check the path; it is relative to the file that names it" if span else found.help
    return structs.replace(found, message=message, help=advice)


def shown(path: str) -> str:
    """Return a path as messages show it: relative to the working directory if inside it."""
    from pathlib import Path as FilePath

    if path.startswith("atkc:"):
        own = FilePath.cwd() / path.removeprefix("atkc:")
        if own.exists() and own.samefile(real(path)):
            return path.removeprefix("atkc:")
        return path
    try:
        return FilePath(path).relative_to(FilePath.cwd()).as_posix()
    except ValueError:
        return path


def span_at(root: Node, path: Path, *, key: bool = False) -> Span:
    """Return the span of what stands at a path of a document."""
    return locate(root, path, key=key).span
