"""The state of an expansion: scopes, steps as written, and their instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from atkc.compiler.bindings import Binding, Labels
from atkc.compiler.instance import Instance, Path
from atkc.compiler.load import Document, Misfit, Workspace
from atkc.compiler.params import Params
from atkc.compiler.plan import Model as PlanModel
from atkc.compiler.structure import misfitting
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.expression.scope import Constant
from atkc.spec.nodes import ScalarNode, locate

T = TypeVar("T")


class Entry(Struct):
    """One instance of a step: a node to be, a module, or nothing (`off`)."""

    labels: Labels
    constants: Mapping[str, Constant]
    raw: Mapping[str, Any]
    step: Any = None
    off: str = ""  # "", "bypass" or "empty"
    module: Scope | None = None
    id: str = ""
    borders: Scope | None = None  # of a twin: where its own inputs are checked


class Group(Struct):
    """A step as written, with its instances in order."""

    name: str
    path: Path
    bindings: tuple[Binding, ...] = ()
    entries: list[Entry] = field(default_factory=list)
    broken: bool = False  # reported already: what reads it is not looked at


class Scope(Struct):
    """One use of a file: its parameters, models, steps, and where its inputs come from."""

    document: Document
    prefix: str
    params: Params
    models: Mapping[str, str]
    draws: tuple[str, ...] = ()
    root: bool = True
    parent: Scope | None = None
    caller: tuple[Group, Entry] | None = None
    groups: dict[str, Group] = field(default_factory=dict)
    constants: Mapping[str, Constant] = field(default_factory=dict)


class Expansion(Struct):
    """The state of one expansion and, in the end, its result."""

    space: Workspace
    instances: dict[str, Instance] = field(default_factory=dict)
    models: dict[str, PlanModel] = field(default_factory=dict)
    params: Params = field(default_factory=Params)
    unset: list[Diagnostic] = field(default_factory=list)
    outputs: set[str] = field(default_factory=set)  # what the spec hands to a caller
    spared: set[Path] = field(default_factory=set)  # steps that only a step left out reads
    opaque: bool = False
    checking: bool = False  # there will be no plan: uses of a module that are equal are one
    twins: dict[tuple[Any, ...], Scope] = field(default_factory=dict)
    scope: Scope | None = None  # of the spec itself
    same: Mapping[str, Entry] = field(default_factory=dict)  # its entries known before, filled in
    entries: int = 0
    whole: bool = True  # False: steps are missing, so that references mean nothing

    def report(self, *found: Diagnostic) -> None:
        """Add findings."""
        self.space.report(*found)


def report_problems(ex: Expansion, scope: Scope, path: Path, problems: list[Misfit]) -> None:
    """Report what was found while filling in the data at a path of a scope's file."""
    for inner, problem in problems:
        node = locate(scope.document.root, (*path, *inner))
        span = node.span
        if isinstance(node, ScalarNode) and problem.end > problem.start:
            span = node.span_of(problem.start, problem.end)
        ex.report(problem.at(span, ".".join(str(p) for p in (*path, *inner))))


def fitted(ex: Expansion, document: Document, path: Path, data: Any, kind: type[T]) -> T | None:
    """Return filled-in data as a structure, or None after reporting all that does not fit it."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError:
        ex.report(*misfitting(data, kind, document.root, path))
        return None
