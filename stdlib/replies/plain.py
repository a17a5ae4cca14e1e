"""Replies that are one text, and replies that match a pattern or a grammar."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract
from atkc.stdlib.replies.placing import Data, Piece, items_of, values_of
from atkc.stdlib.replies.values import from_text

MAX_GRAMMAR_TEXT = 65_536  # characters; a grammar's terminals are Python patterns


def read_text(contract: Contract, text: str, _truncated: bool) -> list[Data]:
    """Return the whole reply in the one field."""
    part = contract.parts[0]
    return [{part.name: from_text(text, part)}]


def read_regex(contract: Contract, text: str, truncated: bool) -> list[Data]:
    """Return the first match, or with `each` one item for every line that matches.

    RE2 does the matching, through pyarrow: its time is linear in the text, whatever the pattern.
    """
    lines = text.split("\n") if contract.each else [text]
    if truncated:
        lines.pop()
    found = [groups for groups in _matches(contract.pattern, lines) if groups is not None]
    if not found and not contract.each:
        raise ReplyError("missing-field", "the reply does not match the pattern")
    return [
        values_of(contract.parts, [Piece(name, value or "") for name, value in groups.items()])
        for groups in found
    ]


def _matches(pattern: str, lines: list[str]) -> list[dict[str, str] | None]:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(pa.array(lines, pa.string()), pattern=pattern)
    matches: list[dict[str, str] | None] = found.to_pylist()
    return matches


def read_grammar(contract: Contract, text: str, _truncated: bool) -> list[Data]:
    """Return what the rules that the fields name cover, in the order of the text."""
    from lark.exceptions import LarkError

    if len(text) > MAX_GRAMMAR_TEXT:
        raise ReplyError("wrong-type", f"the reply is longer than {MAX_GRAMMAR_TEXT} characters")
    try:
        tree = _parser(contract.grammar).parse(text)
    except LarkError as error:
        first = str(error).strip().split("\n", 1)[0]
        raise ReplyError("missing-field", f"the reply is not of the grammar: {first}") from None
    labels = {part.label for part in contract.parts}
    pieces = [
        Piece(str(node.data), text[node.meta.start_pos : node.meta.end_pos])
        for node in tree.iter_subtrees_topdown()
        if str(node.data) in labels and not node.meta.empty
    ]
    return items_of(contract, pieces)


@lru_cache(maxsize=64)
def _parser(grammar: str) -> Any:
    from lark import Lark

    return Lark(grammar, parser="lalr", propagate_positions=True)
