"""Value slots: text with `${ expression }` parts, evaluated before there is any record."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from atkc.spec.diagnostic import Problem
from atkc.spec.expression.check import check
from atkc.spec.expression.evaluate import Data, Functions, compile_expr
from atkc.spec.expression.parse import CUT, parse
from atkc.spec.expression.scope import Constant, Scope
from atkc.spec.expression.syntax import Attribute, Expr, Name
from atkc.spec.expression.values import EvaluationError
from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    STRING,
    Enum,
    Record,
    Type,
    is_number,
    is_text,
    may_be_null,
    show,
)

Path = tuple[str | int, ...]
Constants = Mapping[str, Constant]

_OPENING = re.compile(r"\$\$\{|\$\{")
_INSIDE = re.compile(r""""(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|[{}"']""")


class Hole(Struct, frozen=True):
    """One `${…}`: the expression, and the offset in the text at which it begins."""

    expr: Expr
    offset: int
    length: int


class Value(Struct, frozen=True):
    """A text in parts. One hole alone keeps its type; anything else is a string."""

    parts: tuple[str | Hole, ...]

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Return the expressions in order."""
        return tuple(part for part in self.parts if isinstance(part, Hole))

    @property
    def whole(self) -> Hole | None:
        """Return the hole that is the whole text."""
        return self.holes[0] if len(self.parts) == 1 and self.holes else None


@lru_cache(maxsize=4096)
def parse_value(text: str) -> Value | Problem:
    """Return the parts of a text; `$${` stands for `${` itself."""
    parts: list[str | Hole] = []
    plain, at = "", 0
    while found := _OPENING.search(text, at):
        plain += text[at : found.start()]
        at = found.end()
        if found[0] == "$${":
            plain += "${"
            continue
        hole = _hole(text, at)
        if isinstance(hole, Problem):
            return hole
        parts += [plain, hole] if plain else [hole]
        plain, at = "", at + hole.length + 1
    plain += text[at:]
    return Value((*parts, plain) if plain or not parts else tuple(parts))


def _hole(text: str, start: int) -> Hole | Problem:
    end = _closing(text, start)
    if end is None:
        return Problem("ATK400", "`${` is never closed", start - 2, start, CUT)
    expr = parse(text[start:end])
    if isinstance(expr, Problem):
        return _moved(expr, start)
    return Hole(expr, start, end - start)


def _closing(text: str, start: int) -> int | None:
    """Return the offset of the brace that closes, past braces and quotes of the expression."""
    depth = 0
    for found in _INSIDE.finditer(text, start):
        if found[0] in ("'", '"'):  # a quote that nothing closes
            return None
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            if depth == 0:
                return found.start()
            depth -= 1
    return None


def _moved(problem: Problem, by: int) -> Problem:
    return replace(problem, start=problem.start + by, end=problem.end + by)


def type_of(value: Value, constants: Constants) -> tuple[Type, list[Problem]]:
    """Return the type of a value slot, and what is wrong with it; plain text is its own type."""
    scope = Scope(constants=constants, value_slot=True)
    found: list[Problem] = []
    kinds = []
    for hole in value.holes:
        kind, problems = check(hole.expr, scope)
        kinds.append(kind)
        found += [_moved(p, hole.offset) for p in problems]
    if value.whole:
        return kinds[0], found
    if not kinds:
        return Enum(("".join(p for p in value.parts if isinstance(p, str)),)), found
    for hole, kind in zip(value.holes, kinds, strict=True):
        if not _printable(kind):
            found.append(_unprintable(hole, show(kind)))
    return STRING, found


def _printable(kind: Type) -> bool:
    fine = is_text(kind) or is_number(kind) or kind in (BOOLEAN, ANY)
    return fine and not may_be_null(kind)


def _unprintable(hole: Hole, what: str) -> Problem:
    start, end = hole.expr.start + hole.offset, hole.expr.end + hole.offset
    help_ = (
        "add `?? default`" if "null" in what else 'make a text of it, as with `join(list, ", ")`'
    )
    return Problem("ATK413", f"{what} cannot be printed into a text", start, end, help_)


def evaluate(value: Value, constants: Constants, functions: Functions) -> Any:
    """Return the value of a slot, or a Problem; `type_of` is expected to have found nothing."""
    given = {name: constant.value for name, constant in constants.items()}
    made: list[Any] = []
    for part in value.parts:
        if isinstance(part, str):
            made.append(part)
            continue
        try:
            item = compile_expr(part.expr, given, functions)({}, _NO_RECORD)
        except EvaluationError as error:
            end = part.offset + part.length
            return Problem("ATK402", error.message, part.offset, end)
        if part is value.whole:
            return item
        if item is None or isinstance(item, list | dict):
            return _unprintable(part, _shown(item))
        made.append(item if isinstance(item, str) else json.dumps(item))
    return "".join(made)


def _shown(item: Any) -> str:
    return "null" if item is None else "a list" if isinstance(item, list) else "an object"


class _NoRecord:
    """The Env of value slots; `type_of` refuses the functions that would ask it."""

    sides: Mapping[str, Data] = {}

    def rng(self, label: str) -> Any:
        raise EvaluationError(f"`{label}` asks for chance before there is a record")

    def tokens(self, text: str) -> int:
        raise EvaluationError(f"tokens of `{text[:20]}` are counted before there is a record")


_NO_RECORD = _NoRecord()


def walk(data: Any, change: Callable[[str, Path], Any], path: Path = ()) -> Any:
    """Return nested JSON with each text replaced by what `change(text, path)` gives."""
    if isinstance(data, str):
        return change(data, path)
    if isinstance(data, list):
        return [walk(item, change, (*path, at)) for at, item in enumerate(data)]
    if isinstance(data, dict):
        return {key: walk(item, change, (*path, key)) for key, item in data.items()}
    return data


def interpolate(
    data: Any, constants: Constants, functions: Functions
) -> tuple[Any, list[tuple[Path, Problem]]]:
    """Return nested JSON with all value slots checked and evaluated; a wrong one becomes null."""
    found: list[tuple[Path, Problem]] = []

    def change(text: str, path: Path) -> Any:
        if "${" not in text:
            return text
        made = _evaluated(text, constants, functions)
        if isinstance(made, _Wrong):
            found.extend((path, problem) for problem in made.problems)
            return None
        return made

    return walk(data, change), found


class _Wrong(Struct, frozen=True):
    problems: tuple[Problem, ...]


_NOTHING: Any = object()
_PARAMS = "params"


def _evaluated(text: str, constants: Constants, functions: Functions) -> Any:
    value = parse_value(text)
    if isinstance(value, Problem):
        return _Wrong((value,))
    named = _named(value.parts[0], constants) if len(value.parts) == 1 else _NOTHING
    if named is not _NOTHING:
        return named
    problems = type_of(value, constants)[1]
    if problems:
        return _Wrong(tuple(problems))
    made = evaluate(value, constants, functions)
    return _Wrong((made,)) if isinstance(made, Problem) else made


def _named(part: str | Hole, constants: Constants) -> Any:
    """Return the value that a hole names, `${params.x}` or `${item}`: most do nothing else."""
    expr = part.expr if isinstance(part, Hole) else None
    if isinstance(expr, Name):
        return constants[expr.name].value if expr.name in constants else _NOTHING
    if not isinstance(expr, Attribute) or not isinstance(expr.base, Name):
        return _NOTHING
    found = constants.get(expr.base.name)
    if found is None or not isinstance(found.value, dict):
        return _NOTHING
    # The type of `params` is made of its values; others may hold what their type does not name.
    typed = expr.base.name == _PARAMS or (
        isinstance(found.type, Record) and expr.name in found.type
    )
    return found.value.get(expr.name, _NOTHING) if typed else _NOTHING
