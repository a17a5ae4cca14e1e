"""Values of type `template`, held against the variables that their parameter declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from atkc.compiler.load import Document, Path, Workspace, span_at
from atkc.spec.diagnostic import Problem, has_errors
from atkc.spec.nodes import Node, ScalarNode, locate
from atkc.spec.rowtype import Field, ListOf, MapOf, Nullable, Record, Rule, Scalar, Type
from atkc.spec.source import Span
from atkc.spec.template import check, parse

# `{context}` by itself: what `str.format` fills in, and a template prints as it stands.
_BRACED = re.compile(r"(?<!\{)\{ *([A-Za-z_]\w*) *\}(?!\})")
_NO_FIELD = "there is no field "
Found = Iterator[tuple[Path, str, Problem]]  # where in the value, the template, what is wrong


class Writer(Struct, frozen=True):
    """Who gave a value: its origin and, where that is a spec, the place in it."""

    origin: str
    document: str
    place: Path


def misread(
    space: Workspace, document: Document, name: str, value: Any, field: Field, by: Writer | None
) -> bool:
    """Report what is wrong with the templates in a value; return whether something is an error.

    Nobody gave a value that is the default.
    """
    found = []
    for path, text, problem in _walk(value, field.type, field.rule, (name,)):
        root: Node = document.root
        place: Path = ("params", name, "default", *path[1:])
        if by is not None and by.place:
            written = space.document(by.document, "pipeline")
            root = written.root if written else root
            place = (*by.place, *path[1:])
        elif by is not None:
            where = "/".join(str(part) for part in path)
            problem = replace(problem, message=f"{by.origin}: `{where}`: {problem.message}")
            found.append(problem.at(span_at(root, ("params", name), key=True)))
            continue
        found.append(problem.at(_inside(root, place, text, problem)))
    space.report(*found)
    return has_errors(found)


def _inside(root: Node, place: Path, text: str, problem: Problem) -> Span:
    """Return the place in a template that is written there, else that of what stands there."""
    node = locate(root, place)
    if isinstance(node, ScalarNode) and node.value == text and problem.end > problem.start:
        return node.span_of(problem.start, problem.end)
    return node.span


def _walk(value: Any, kind: Type, rule: Rule | None, path: Path) -> Found:
    match kind:
        case Nullable() if value is not None:
            yield from _walk(value, kind.item, rule, path)
        case ListOf() if isinstance(value, list):
            for at, item in enumerate(value):
                yield from _walk(item, kind.item, rule, (*path, at))
        case MapOf() if isinstance(value, dict):
            for key, item in value.items():
                yield from _walk(item, kind.value, rule, (*path, key))
        case Record() if isinstance(value, dict):
            for key, field in kind.items():
                if key in value:
                    yield from _walk(value[key], field.type, field.rule, (*path, key))
        case Scalar("template") if isinstance(value, str):
            variables = rule.variables if rule is not None else None
            yield from ((path, value, problem) for problem in _problems(value, variables))


def _problems(text: str, variables: Record | None) -> Iterator[Problem]:
    """Yield what is wrong; without declared variables only what no template may hold."""
    template = parse(text)
    if isinstance(template, Problem):
        yield template
    elif variables is not None:
        yield from (_of_variable(p, variables) for p in check(template, variables)[1])
        yield from _braced(text, variables)


def _of_variable(problem: Problem, variables: Record) -> Problem:
    if not problem.message.startswith(_NO_FIELD):
        return problem
    said = f"there is no variable {problem.message.removeprefix(_NO_FIELD)}"
    names = ", ".join(f"`{name}`" for name in variables.names()) or "no variable"
    return replace(problem, message=said, help=problem.help or f"this template may read {names}")


def _braced(text: str, variables: Record) -> Iterator[Problem]:
    for braced in _BRACED.finditer(text):
        if braced[1] in variables:
            said, advice = f"`{braced[0]}` is printed as it stands", f"{{{{ {braced[1]} }}}}"
            yield Problem("ATK415", said, *braced.span(), help=f"write `{advice}`")
