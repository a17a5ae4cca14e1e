"""What is known of names at a place of a template: local variables, and fields seen to be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from jinja2 import nodes
from msgspec import Struct
from msgspec import field as struct_field

from atkc.spec.rowtype import ANY, Field, Record, join, non_null
from atkc.spec.template.questions import BOTH, NOT_NULL, NOTHING, PRESENT, QUESTIONS

Path: TypeAlias = tuple[str | int, ...]
Facts: TypeAlias = dict[Path, frozenset[str]]


class Scope(Struct, frozen=True):
    """Record variables, local variables (they hide the former), and facts about paths."""

    variables: Record
    local: Mapping[str, Field] = struct_field(default_factory=dict)
    facts: Facts = struct_field(default_factory=dict)

    def knowing(self, facts: Facts) -> Scope:
        """Return the scope in which more is known."""
        return Scope(self.variables, self.local, _both(self.facts, facts))

    def assigned(self, name: str, value: Field) -> Scope:
        """Return the scope after `name` got a value; what was known of the old one is gone."""
        facts = {path: known for path, known in self.facts.items() if path[0] != name}
        return Scope(self.variables, {**self.local, name: value}, facts)

    def narrowed(self, path: Path | None, found: Field) -> Field:
        """Return the field as known here: without null, or certainly there."""
        known = self.facts.get(path, NOTHING) if path else NOTHING
        kind = non_null(found.type) if NOT_NULL in known else found.type
        return Field(kind, found.optional and PRESENT not in known)


def after_either(before: Scope, one: Scope, other: Scope) -> Scope:
    """Return the scope after two branches: a name set in one of them alone may be absent."""
    local: dict[str, Field] = {}
    for name in dict.fromkeys([*one.local, *other.local]):
        outer = before.variables.get(name) or Field(ANY, optional=True)
        a, b = one.local.get(name, outer), other.local.get(name, outer)
        local[name] = Field(join(a.type, b.type) or ANY, a.optional or b.optional)
    changed = {n for n in local if before.local.get(n) != local[n]}
    facts = {path: known for path, known in before.facts.items() if path[0] not in changed}
    return Scope(before.variables, local, facts)


def path_of(node: nodes.Node) -> Path | None:
    """Return `("g", "items")` for `g.items` and `g["items"]`, or None for what is no path."""
    key: str | int
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr():
            inner, key = path_of(node.node), node.attr
        case nodes.Getitem():
            inner, key = path_of(node.node), key_of(node.arg)
        case _:
            return None
    return None if inner is None else (*inner, key)


def key_of(node: nodes.Node) -> str | int:
    """Return the constant in `x[…]`; the syntax allows nothing else."""
    if isinstance(node, nodes.Neg):
        return -int(key_of(node.node))
    assert isinstance(node, nodes.Const)
    key: str | int = node.value
    return key


def facts_of(test: nodes.Node, answer: bool) -> Facts:
    """Return what is known of paths when a condition came out as `answer`."""
    match test:
        case nodes.Not():
            return facts_of(test.node, not answer)
        case nodes.And() | nodes.Or():
            left, right = facts_of(test.left, answer), facts_of(test.right, answer)
            all_hold = isinstance(test, nodes.And) is answer
            return _both(left, right) if all_hold else _common(left, right)
        case nodes.Test():
            question = QUESTIONS[test.name]
            return _fact(test.node, question.yes if answer else question.no)
        case nodes.Compare():
            return _comparison(test, answer)
        case nodes.Filter(name="length"):
            return _fact(test.node, BOTH) if answer and test.node is not None else {}
    return _fact(test, BOTH) if answer else {}


def _comparison(test: nodes.Compare, answer: bool) -> Facts:
    """`x != none` says that x is not null, `x == "a"` that it is there too."""
    if len(test.ops) != 1 or not isinstance(test.ops[0].expr, nodes.Const):
        return {}
    is_null, op = test.ops[0].expr.value is None, test.ops[0].op
    same = answer if op == "eq" else not answer if op == "ne" else None
    if same is None or same is is_null:
        return {}
    return _fact(test.expr, frozenset({NOT_NULL}) if is_null else BOTH)


def _fact(node: nodes.Node, known: frozenset[str]) -> Facts:
    path = path_of(node)
    return {path: known} if path and known else {}


def _both(left: Facts, right: Facts) -> Facts:
    return {p: left.get(p, NOTHING) | right.get(p, NOTHING) for p in {*left, *right}}


def _common(left: Facts, right: Facts) -> Facts:
    return {p: left[p] & right[p] for p in left if p in right}
