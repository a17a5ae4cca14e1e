"""The parser, from tables that lie beside the grammar: to work them out takes 50 ms each time.

`python -m atkc.spec.schema_files` writes them. They are for one grammar and one release of lark;
under another release the parser is made from the grammar, which differs in nothing but time.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("tables.json")


def load_parser(tables: Path = TABLES) -> Lark:
    """Return a parser of expressions, out of the tables if they are for this grammar and lark."""
    from lark import Lark

    from atkc.spec.expression.build import Builder

    grammar = GRAMMAR.read_text(encoding="utf-8")
    saved = _saved(tables, _stamp(grammar))
    if saved is None:
        return _made(grammar, Builder())
    memo = {int(number): item for number, item in saved["memo"].items()}
    states = saved["data"]["parser"]["parser"]
    states["states"] = {int(number): row for number, row in states["states"].items()}
    # What lark's own stand-alone parsers call; `Lark.load` would take no transformer.
    found: Lark = Lark._load_from_dict(saved["data"], memo, transformer=Builder())  # noqa: SLF001
    return found


def as_text() -> str:
    """Return the tables of the grammar as the text of their file."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = GRAMMAR.read_text(encoding="utf-8")
    data, memo = _made(grammar, None).memo_serialize([TerminalDef, Rule])
    return json.dumps({**_stamp(grammar), "data": data, "memo": memo}) + "\n"


def is_fresh() -> bool:
    """Return whether the tables are for this grammar; the numbers in them differ at each writing."""
    return _saved(TABLES, _stamp(GRAMMAR.read_text(encoding="utf-8"))) is not None


def _made(grammar: str, transformer: Any) -> Lark:
    from lark import Lark

    return Lark(grammar, parser="lalr", lexer="basic", transformer=transformer)


def _stamp(grammar: str) -> dict[str, str]:
    from lark import __version__

    return {"lark": __version__, "grammar": hashlib.sha256(grammar.encode()).hexdigest()}


def _saved(tables: Path, stamp: dict[str, str]) -> dict[str, Any] | None:
    if not tables.exists():
        return None
    saved: dict[str, Any] = json.loads(tables.read_text(encoding="utf-8"))
    return saved if all(saved.get(name) == value for name, value in stamp.items()) else None
