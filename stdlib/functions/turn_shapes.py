"""The shapes that functions over turns have in common: changed in place, or made into a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.spec.rowtype import ANY, TURNS, Record, Type
from atkc.spec.signature import Shape, ShapeError
from atkc.stdlib.chat.roles import ROLES, role_of
from atkc.stdlib.chat.templates import problem_in, template_problem
from atkc.stdlib.functions.fields import need, need_turns, top

CONTEXT = ("context", "context_uppercase", "context_lowercase")


def in_place(options: Mapping[str, Any], record: Record, *read: str) -> Shape | ShapeError:
    """Return the shape of a function that rewrites `turns` and reads further fields."""
    name = options["turns"]
    if problem := need(record, name, TURNS, "turns"):
        return problem
    field = record.get(name)
    if field is None:
        return ShapeError(
            f"`{name}` is nested; turns are changed in a field of the record", "turns"
        )
    kind = TURNS if field.type == ANY else field.type
    return Shape(top(record, name, *read), Record.of({name: kind}), frozenset({name}))


def of_role(options: Mapping[str, Any], record: Record) -> Shape | ShapeError:
    """Return the shape of a function that rewrites the turns of one `role`."""
    if role_of(options["role"]) not in ROLES:
        return ShapeError(f"no role is called `{options['role']}`", "role", f"use one of {ROLES}")
    return in_place(options, record)


def check_text(text: str, variables: Mapping[str, Any], option: str) -> ShapeError | None:
    """Return what is wrong with a template over `variables` and the forms of `context`."""
    known = Record.of(dict.fromkeys((*variables, *CONTEXT), ANY))
    message = template_problem(text, known)
    if message is None:
        return None
    names = ", ".join(f"`{name}`" for name in dict.fromkeys((*variables, *CONTEXT)))
    return ShapeError(message, option, f"use the variables {names}")


def with_context(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables with `context` also in capitals and in lower case."""
    context = str(variables.get("context", ""))
    cased = {"context_uppercase": context.upper(), "context_lowercase": context.lower()}
    return {"context": context, **cased, **variables}


def from_turns(options: Mapping[str, Any], record: Record, made: Type) -> Shape | ShapeError:
    """Return: reads the turns, adds what a chat template makes of them under `as`."""
    if problem := need_turns(record, options):
        return problem
    if message := problem_in(options["template"], options["variables"]):
        return ShapeError(message, "template")
    return Shape(top(record, options["turns"]), Record.of({options["as"]: made}))
