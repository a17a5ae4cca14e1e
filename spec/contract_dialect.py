"""Patterns and grammars in contracts: only such as can be matched in linear time, or nearly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from atkc.spec.contract_model import Part

_GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")


def check_pattern(pattern: str, parts: Iterable[Part]) -> list[str]:
    """Return what keeps a pattern from being matched by RE2, whose time is linear in the text."""
    if "\n" in pattern:
        return ["a pattern is one line"]
    groups = _GROUP.findall(pattern)
    named = {part.label for part in parts}
    found = [f"the pattern has no group `{name}`" for name in sorted(named - set(groups))]
    found += [f"no field reads the group `{name}`" for name in groups if name not in named]
    return found or _re2_problem(pattern)


def _re2_problem(pattern: str) -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.extract_regex(pa.array([""]), pattern=pattern)
    except pa.ArrowInvalid as error:
        return [f"the pattern cannot be used: {str(error).splitlines()[0]}"]
    return []


def check_grammar(grammar: str, parts: Iterable[Part]) -> list[str]:
    """Return what keeps a grammar from being an LALR grammar whose rules are the fields."""
    from lark import Lark
    from lark.exceptions import LarkError

    if re.search(r"^\s*%import\s+(?!common\b)", grammar, re.MULTILINE):
        return ["a grammar imports from `common` alone"]
    try:
        parser: Any = Lark(grammar, parser="lalr")
    except LarkError as error:
        return [f"the grammar cannot be used: {str(error).strip().splitlines()[0]}"]
    rules = {str(rule.origin.name) for rule in parser.rules}
    missing = [p.label for p in parts if p.label not in rules]
    patterns = [t.pattern.to_regexp() for t in parser.terminals]
    return [f"the grammar has no rule `{name}`" for name in missing] + [
        f"the terminal `{p}` repeats a repetition, which can take for ever"
        for p in patterns
        if repeats_a_repetition(p)
    ]


def repeats_a_repetition(pattern: str) -> bool:
    """Return whether a quantifier without a bound stands inside another one, as in `(a+)+`."""
    from re import _parser

    return _nested(_parser.parse(pattern), inside=False)


def _nested(node: Any, inside: bool) -> bool:
    for op, argument in node:
        repeat = str(op) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
        unbounded = repeat and argument[1] > 100
        if unbounded and inside:
            return True
        if any(_nested(sub, inside or unbounded) for sub in _subpatterns(argument)):
            return True
    return False


def _subpatterns(argument: Any) -> list[Any]:
    if hasattr(argument, "data"):
        return [argument]
    if isinstance(argument, tuple | list):
        return [sub for item in argument for sub in _subpatterns(item)]
    return []
