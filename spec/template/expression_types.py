"""The type of each expression of a template, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from jinja2 import nodes

from atkc.spec.diagnostic import Problem
from atkc.spec.rowtype import (
    ANY,
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    Field,
    ListOf,
    MapOf,
    Nullable,
    Record,
    Scalar,
    Type,
    is_text,
    may_be_null,
    non_null,
    show,
)
from atkc.spec.suggest import hint
from atkc.spec.template.filters import FILTERS, Argument
from atkc.spec.template.kinds import KINDS, constant_type, either, printable
from atkc.spec.template.lexer import token_span, whole_span
from atkc.spec.template.questions import QUESTIONS
from atkc.spec.template.scope import Path, Scope, facts_of, key_of, path_of

_POISON = Field(ANY)


class Typist:
    """Types expressions; `problems`, `names` and `paths` gather what was found on the way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self.names: set[str] = set()
        self.paths: set[Path] = set()

    def report(
        self, code: str, message: str, span: tuple[int, int], help_: str | None = None
    ) -> Field:
        """Note a problem; return the type that fits everything, so that it gives no second one."""
        problem = Problem(code, message, *span, help_)
        if problem not in self.problems:
            self.problems.append(problem)
        return _POISON

    def type_of(self, node: nodes.Node, scope: Scope) -> Field:
        """Return the type of an expression; `optional`: it may be absent."""
        rule = next(r for kind, r in self._RULES.items() if isinstance(node, kind))
        return rule(self, node, scope)

    def printed(self, node: nodes.Node, scope: Scope) -> None:
        """Check that a value can be printed (ATK413)."""
        found = self.type_of(node, scope)
        span, shown = whole_span(node, self.text), self._shown(node)
        if found.optional or may_be_null(found.type):
            what = "be absent" if found.optional else "be null"
            help_ = f'write `{{% if {shown} %}}` around it, or `{shown} | default("")`'
            self.report("ATK413", f"`{shown}` may {what} and cannot be printed then", span, help_)
        elif not printable(found.type):
            is_list = isinstance(found.type, ListOf) and printable(found.type.item)
            help_ = f'use `{shown} | join(", ")` or ' if is_list else "use "
            said = f"`{shown}` is {show(found.type)}, which cannot be printed"
            self.report("ATK413", said, span, f"{help_}`{shown} | tojson`")

    def needed(self, node: nodes.Node, scope: Scope, kind: str) -> Type:
        """Return the type of a value that must be of a kind and there (ATK402, ATK405)."""
        found = self.type_of(node, scope)
        return self._of_kind(node, found, kind)

    def _of_kind(self, node: nodes.Node, found: Field, kind: str) -> Type:
        span, shown = whole_span(node, self.text), self._shown(node)
        nullable_ok = kind in ("any", "maybe")
        if (found.optional and kind != "maybe") or (may_be_null(found.type) and not nullable_ok):
            what = "be absent" if found.optional else "be null"
            self.report(
                "ATK405", f"`{shown}` may {what}", span, f"write `{{% if {shown} %}}` first"
            )
            return ANY
        if nullable_ok or found.type == ANY:
            return found.type
        want, accepts = KINDS[kind]
        if not accepts(found.type):
            self.report("ATK402", f"`{shown}` is {show(found.type)}, not {want}", span)
            return ANY
        return found.type

    def _shown(self, node: nodes.Node) -> str:
        start, end = whole_span(node, self.text)
        return self.text[start:end]

    def _note_path(self, node: nodes.Node, scope: Scope) -> None:
        path = path_of(node)
        if path and path[0] not in scope.local:
            self.paths.add(path)

    def _path(self, node: nodes.Node, scope: Scope) -> Field:
        self._note_path(node, scope)
        return self._reference(node, scope)

    def _reference(self, node: nodes.Node, scope: Scope) -> Field:
        if isinstance(node, nodes.Name):
            found = self._name(node, scope)
        elif isinstance(node, nodes.Getattr):
            found = self._member(node, node.attr, scope)
        else:
            assert isinstance(node, nodes.Getitem)
            found = self._member(node, key_of(node.arg), scope)
        return scope.narrowed(path_of(node), found)

    def _name(self, node: nodes.Name, scope: Scope) -> Field:
        local = scope.local.get(node.name)
        declared = scope.variables.get(node.name)
        if declared and (local is None or local.optional):
            self.names.add(node.name)
        if local or declared:
            return local or declared or _POISON
        known = [*scope.variables.names(), *scope.local]
        help_ = hint(node.name, known)
        return self.report(
            "ATK412", f"there is no field `{node.name}`", token_span(node, self.text), help_
        )

    def _member(self, node: nodes.Getattr | nodes.Getitem, key: str | int, scope: Scope) -> Field:
        inner = node.node
        owner = (
            self._reference(inner, scope)
            if isinstance(inner, nodes.Name | nodes.Getattr | nodes.Getitem)
            else self.type_of(inner, scope)
        )
        span, shown = token_span(node, self.text), self._shown(inner)
        if owner.optional or isinstance(owner.type, Nullable):
            what = "be absent" if owner.optional else "be null"
            help_ = f"write `{{% if {shown} %}}` first"
            return self.report(
                "ATK405", f"`{shown}` may {what}", whole_span(inner, self.text), help_
            )
        match owner.type:
            case Record() if isinstance(key, str):
                found = owner.type.get(key)
                said = f"`{shown}` has no field `{key}`"
                return found or self.report("ATK412", said, span, hint(key, owner.type.names()))
            case MapOf() if isinstance(key, str):
                return Field(owner.type.value, optional=True)
            case ListOf() if isinstance(key, int):
                return Field(owner.type.item, optional=True)
            case Scalar() if owner.type == ANY:
                return _POISON
        loop = f"loop over `{shown}`" if isinstance(owner.type, ListOf) else None
        said = f"`{shown}` is {show(owner.type)} and has no field `{key}`"
        return self.report("ATK412", said, span, loop)

    def _filter(self, node: nodes.Filter, scope: Scope) -> Field:
        spec = FILTERS[node.name]
        assert node.node is not None  # filter blocks are refused
        subject = node.node
        found = self.type_of(subject, scope)
        if spec.takes == "list" and is_text(found.type):
            found = Field(ListOf(STRING), found.optional)
        given = self._of_kind(subject, found, spec.takes)
        others = self._arguments(node, spec.arguments, scope)
        if node.name == "default":
            other = others.get("value", Field(STRING))
            return Field(either(non_null(given), other.type), other.optional)
        return Field(spec.gives(given), spec.may_be_absent)

    def _arguments(
        self, node: nodes.Filter | nodes.Test, expected: tuple[Argument, ...], scope: Scope
    ) -> dict[str, Field]:
        given = dict(zip((a.name for a in expected), node.args, strict=False))
        given |= {str(keyword.key): keyword.value for keyword in node.kwargs}
        return {
            a.name: Field(self.needed(given[a.name], scope, a.kind))
            for a in expected
            if a.name in given
        }

    def _question(self, node: nodes.Test, scope: Scope) -> Field:
        self.type_of(node.node, scope)
        self._arguments(node, QUESTIONS[node.name].arguments, scope)
        return Field(BOOLEAN)

    def _choice(self, node: nodes.CondExpr, scope: Scope) -> Field:
        self.type_of(node.test, scope)
        yes = self.type_of(node.expr1, scope.knowing(facts_of(node.test, True)))
        if node.expr2 is None:
            return Field(yes.type, optional=True)
        no = self.type_of(node.expr2, scope.knowing(facts_of(node.test, False)))
        return Field(either(yes.type, no.type), yes.optional or no.optional)

    def _logic(self, node: nodes.And | nodes.Or, scope: Scope) -> Field:
        is_and = isinstance(node, nodes.And)
        left = self.type_of(node.left, scope)
        right = self.type_of(node.right, scope.knowing(facts_of(node.left, is_and)))
        if is_and:
            return Field(either(left.type, right.type), left.optional or right.optional)
        return Field(either(non_null(left.type), right.type), right.optional)

    def _compare(self, node: nodes.Compare, scope: Scope) -> Field:
        left: nodes.Node = node.expr
        for operand in node.ops:
            right = operand.expr
            if operand.op in ("in", "notin"):
                self.needed(left, scope, "any")
                self.needed(right, scope, "sized")
            elif operand.op in ("eq", "ne"):
                self.type_of(left, scope)
                self.type_of(right, scope)
            else:
                self._ordered(left, right, scope)
            left = right
        return Field(BOOLEAN)

    def _ordered(self, left: nodes.Node, right: nodes.Node, scope: Scope) -> None:
        is_string = is_text(self.type_of(left, scope).type)
        kind = "text" if is_string else "number"
        self.needed(left, scope, kind)
        self.needed(right, scope, kind)

    def _const(self, node: nodes.Const, _scope: Scope) -> Field:
        return Field(constant_type(node.value))

    def _not(self, node: nodes.Not, scope: Scope) -> Field:
        self.type_of(node.node, scope)
        return Field(BOOLEAN)

    def _concat(self, node: nodes.Concat, scope: Scope) -> Field:
        for part in node.nodes:
            self.printed(part, scope)
        return Field(STRING)

    def _sign(self, node: nodes.UnaryExpr, scope: Scope) -> Field:
        return Field(self.needed(node.node, scope, "number"))

    def _list(self, node: nodes.List, scope: Scope) -> Field:
        items = [self.needed(item, scope, "any") for item in node.items]
        joined = items[0] if items else ANY
        for item in items[1:]:
            joined = either(joined, item)
        return Field(ListOf(joined))

    def _dict(self, node: nodes.Dict, scope: Scope) -> Field:
        fields: dict[str, Type | Field] = {}
        for pair in node.items:
            self.needed(pair.key, scope, "text")
            value = self.needed(pair.value, scope, "any")
            if isinstance(pair.key, nodes.Const):
                fields[str(pair.key.value)] = value
        is_open = len(fields) < len(node.items)
        return Field(MapOf(ANY) if is_open else Record.of(fields))

    def _arithmetic(self, node: nodes.BinExpr, scope: Scope) -> Field:
        left = self.type_of(node.left, scope)
        if isinstance(node, nodes.Add) and is_text(left.type):
            self.needed(node.left, scope, "text")
            self.needed(node.right, scope, "text")
            return Field(STRING)
        a = self.needed(node.left, scope, "number")
        b = self.needed(node.right, scope, "number")
        whole = a == b == INTEGER and not isinstance(node, nodes.Div)
        return Field(INTEGER if whole else ANY if ANY in (a, b) else NUMBER)

    # The first class that fits; `Not` stands before the unary operators that it is one of.
    _RULES: ClassVar[dict[type[nodes.Node], Callable[[Typist, Any, Scope], Field]]] = {
        nodes.Name: _path,
        nodes.Getattr: _path,
        nodes.Getitem: _path,
        nodes.Const: _const,
        nodes.Filter: _filter,
        nodes.Test: _question,
        nodes.CondExpr: _choice,
        nodes.And: _logic,
        nodes.Or: _logic,
        nodes.Not: _not,
        nodes.Compare: _compare,
        nodes.Concat: _concat,
        nodes.List: _list,
        nodes.Dict: _dict,
        nodes.BinExpr: _arithmetic,
        nodes.UnaryExpr: _sign,
    }
