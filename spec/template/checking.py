"""Checking a template against the fields that it may read, and telling which ones it does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from jinja2 import nodes
from msgspec import Struct

from atkc.spec.diagnostic import Problem
from atkc.spec.rowtype import ANY, Field, ListOf, Record, Type
from atkc.spec.template.expression_types import Typist
from atkc.spec.template.kinds import LOOP
from atkc.spec.template.scope import Path, Scope, after_either, facts_of
from atkc.spec.template.syntax import Template


class Reading(Struct, frozen=True):
    """What a template reads: top-level names, whole paths (`params.avoid`), and its problems."""

    names: frozenset[str]
    paths: frozenset[Path]
    problems: tuple[Problem, ...]


def check(template: Template, variables: Record) -> tuple[frozenset[str], list[Problem]]:
    """Return the variables read, and problems in the order of the text (ATK402, 405, 412, 413).

    A path is narrowed under `{% if x %}`, `is defined`, `is not none`, `!= none`.
    """
    found = examine(template, variables)
    return found.names, list(found.problems)


@lru_cache(maxsize=1024)  # instances of one step read the same text over the same fields
def examine(template: Template, variables: Record) -> Reading:
    """Return everything that `check` finds, with the paths read as well."""
    typist = Typist(template.text)
    _body(template.tree.body, Scope(variables), typist)
    problems = sorted(typist.problems, key=lambda p: (p.start, p.end, p.code))
    return Reading(frozenset(typist.names), frozenset(typist.paths), tuple(problems))


def _body(body: Sequence[nodes.Node], scope: Scope, typist: Typist) -> Scope:
    for node in body:
        scope = _statement(node, scope, typist)
    return scope


def _statement(node: nodes.Node, scope: Scope, typist: Typist) -> Scope:
    match node:
        case nodes.Output():
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    typist.printed(part, scope)
        case nodes.If():
            return _branches(node, scope, typist)
        case nodes.For():
            _loop(node, scope, typist)
        case nodes.Assign():
            assert isinstance(node.target, nodes.Name)  # nothing else can be assigned to
            return scope.assigned(node.target.name, typist.type_of(node.node, scope))
    return scope


def _branches(node: nodes.If, scope: Scope, typist: Typist) -> Scope:
    typist.type_of(node.test, scope)
    yes = _body(node.body, scope.knowing(facts_of(node.test, True)), typist)
    otherwise = scope.knowing(facts_of(node.test, False))
    if node.elif_:
        first, *rest = node.elif_
        chain = nodes.If(first.test, first.body, rest, node.else_, lineno=first.lineno)
        no = _branches(chain, otherwise, typist)
    else:
        no = _body(node.else_, otherwise, typist)
    return after_either(scope, yes, no)


def _loop(node: nodes.For, scope: Scope, typist: Typist) -> None:
    assert isinstance(node.target, nodes.Name)  # several targets are refused
    inner = scope.assigned(node.target.name, Field(_item_of(node.iter, scope, typist)))
    if node.test is not None:
        typist.type_of(node.test, inner)
        inner = inner.knowing(facts_of(node.test, True))
    _body(node.body, inner.assigned("loop", Field(LOOP)), typist)
    _body(node.else_, scope, typist)


def _item_of(node: nodes.Node, scope: Scope, typist: Typist) -> Type:
    kind = typist.needed(node, scope, "list")
    return kind.item if isinstance(kind, ListOf) else ANY
