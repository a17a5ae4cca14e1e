"""What is looked at in a plan, and a setting that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from atkc.compiler.plan import Plan
from tests.recipes.planned import constant, files, has, options, said

Look = Callable[[Plan], Any]


def option(id_: str, name: str, function: str = "") -> Look:
    """An option of a node, or of a function that it (or one before it) applies."""
    return lambda plan: options(plan, id_, function).get(name)


def const(id_: str, name: str) -> Look:
    """A parameter as an expression of a node reads it."""
    return lambda plan: constant(plan, id_, name) if has(plan, id_)[0] else None


def each(*looks: Look) -> Look:
    """What several looks find."""
    return lambda plan: [look(plan) for look in looks]


def nodes(*ids: str) -> Look:
    """Whether there are these nodes."""
    return lambda plan: has(plan, *ids)


def file(part: str) -> Look:
    """The files whose path has this in it."""
    return lambda plan: sorted(path for path in files(plan) if part in path)


def knows(text: str, *ids: str) -> Look:
    """Whether all these nodes have a text in what they say."""
    return lambda plan: all(text in said(plan, id_) for id_ in ids)


@dataclass(frozen=True)
class Flip:
    """A setting at another value: what is looked at, and what is seen before and after."""

    value: Any
    look: Look
    was: Any
    now: Any
    beside: Mapping[str, Any] = field(default_factory=dict)
