"""The parser, from tables that lie beside the grammar: to work them out takes 50 ms each time.

`python -m atkc.compiler.schema_files` writes them. They are for one grammar and one release of
lark; under another the parser is made from the grammar, which differs in nothing but time.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("tables.json")


def load_parser(tables: Path = TABLES) -> Lark:
    """Return a parser of expressions, out of the tables if they are for this grammar and lark."""
    with _without("regex"):  # lark takes it where it is installed; our terminals need only `re`
        from lark import Lark

        from atkc.spec.expression.build import Builder

    grammar = GRAMMAR.read_text(encoding="utf-8")
    saved = _saved(tables)
    if any(saved.get(name) != value for name, value in _stamp(grammar).items()):
        return _made(grammar, Builder())
    memo = {int(number): item for number, item in saved["memo"].items()}
    states = saved["data"]["parser"]["parser"]
    states["states"] = {int(number): row for number, row in states["states"].items()}
    # What lark's own stand-alone parsers call; `Lark.load` would take no transformer.
    load: Callable[..., Lark] = Lark._load_from_dict  # noqa: SLF001
    return load(saved["data"], memo, transformer=Builder())


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Make an optional module look absent while another decides whether to use it."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # what `import` takes for absent
    try:
        yield
    finally:
        del sys.modules[module]


def as_text() -> str:
    """Return the tables of the grammar as the text of their file."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    grammar = GRAMMAR.read_text(encoding="utf-8")
    data, memo = _made(grammar, None).memo_serialize([TerminalDef, Rule])
    return json.dumps({**_stamp(grammar), "data": data, "memo": memo}) + "\n"


def is_fresh() -> bool:
    """Return whether the tables are for this grammar; their numbers differ at each writing."""
    return bool(_saved(TABLES).get("grammar") == _digest(GRAMMAR.read_text(encoding="utf-8")))


def _made(grammar: str, transformer: Any) -> Lark:
    from lark import Lark

    return Lark(grammar, parser="lalr", lexer="basic", transformer=transformer)


def _stamp(grammar: str) -> dict[str, str]:
    from lark import __version__

    return {"lark": __version__, "grammar": _digest(grammar)}


def _digest(grammar: str) -> str:
    return hashlib.sha256(grammar.encode()).hexdigest()


def _saved(tables: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tables.read_text("utf-8")) if tables.exists() else {}
    return found
