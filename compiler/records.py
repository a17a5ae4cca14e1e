"""Named record types: those a file declares and those it imports from others."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from atkc.compiler.load import Document, Workspace, span_at
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.rowtype import ANY, Field, ListOf, MapOf, Nullable, Record, Type, show
from atkc.spec.typetext import TypeTextError, parse_type


class Anchored(Struct, frozen=True):
    """A default as written, with the file in which it stands: its paths belong to that file."""

    raw: Any
    base: str
    type: Type


def record_types(space: Workspace, document: Document) -> dict[str, Type]:
    """Return the record types that a file knows, by name; mistakes are reported and become ANY."""
    if document.path in space.records:
        return space.records[document.path]
    names: dict[str, Type] = {}
    space.records[document.path] = names
    for name, text in document.data.get("import", {}).items():
        names[name] = _imported(space, document, name, text)
    for name, raw in document.data.get("records", {}).items():
        kind = read_type(space, document, raw, ("records", name), names)
        names[name] = anchored(kind, document.path)
    return names


def _imported(space: Workspace, document: Document, name: str, text: str) -> Type:
    span = span_at(document.root, ("import", name))
    path = space.locate(text, document.path, span)
    other = path and space.document(path, "pipeline", span)
    if not other:
        return ANY
    found = record_types(space, other)
    if name not in found:
        from atkc.spec.suggest import hint

        space.report(
            Diagnostic(
                "ATK305",
                f"`{text}` declares no record type `{name}`",
                span,
                help=hint(name, found),
            )
        )
    return found.get(name, ANY)


def read_type(
    space: Workspace,
    document: Document,
    raw: Any,
    path: tuple[str | int, ...],
    names: dict[str, Type] | None = None,
) -> Type:
    """Return the type written at a path of a file; a mistake is reported and gives ANY."""
    known = record_types(space, document) if names is None else names
    try:
        return parse_type(raw, known)
    except TypeTextError as error:
        span = span_at(document.root, (*path, *error.path))
        space.report(Diagnostic(error.code, error.message, span))
        return ANY


def record_type(
    space: Workspace, document: Document, raw: Any, path: tuple[str | int, ...]
) -> Record | None:
    """Return the record type written at a path; None after reporting that it is none."""
    before = len(space.diagnostics)
    kind = read_type(space, document, raw, path)
    if isinstance(kind, Record):
        return kind
    if len(space.diagnostics) == before:
        message = f"a stream carries records; `{show(kind)}` is no record type"
        advice = "write `{field: type, …}` or the name of a record type"
        space.report(Diagnostic("ATK208", message, span_at(document.root, path), help=advice))
    return None


def anchored(kind: Type, base: str) -> Type:
    """Return the type with each default tied to the file in which it was written."""
    match kind:
        case ListOf():
            return ListOf(anchored(kind.item, base))
        case MapOf():
            return MapOf(anchored(kind.value, base))
        case Nullable():
            return Nullable(anchored(kind.item, base))
        case Record():
            return Record(tuple((n, _field(f, base)) for n, f in kind.items()))
    return kind


def _field(field: Field, base: str) -> Field:
    rule = field.rule
    if rule is not None and rule.has_default and not isinstance(rule.default, Anchored):
        rule = replace(rule, default=Anchored(rule.default, base, field.type))
    return Field(anchored(field.type, base), field.optional, rule)
