"""The whole standard library as the compiler and the runtime want it handed to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from atkc.runtime.api import Bodies, Data, Options, Reader, ReadFailure, ReadNote, Transport
from atkc.spec.late import Late
from atkc.spec.places import real
from atkc.spec.rowtype import Scalar, non_null
from atkc.spec.signature import Library, ReaderSignature
from atkc.stdlib.exporters import EXPORTERS
from atkc.stdlib.expressions import EXPRESSIONS
from atkc.stdlib.functions import FUNCTIONS
from atkc.stdlib.readers import READERS


def library() -> Library:
    """Return the signatures of all words."""
    return Library(
        readers=Late(READERS, lambda name: READERS[name][0]),
        functions=Late(FUNCTIONS, lambda name: FUNCTIONS[name][0]),
        exporters=Late(EXPORTERS, lambda name: EXPORTERS[name][0]),
        expressions=EXPRESSIONS,
    )


def bodies() -> Bodies:
    """Return the functions behind the signatures."""
    return Bodies(
        readers=Late(READERS, lambda name: _placed(*READERS[name])),
        functions=Late(FUNCTIONS, lambda name: FUNCTIONS[name][1]),
        exporters=Late(EXPORTERS, lambda name: EXPORTERS[name][1]),
        expressions=EXPRESSIONS,
        transports={"atkc": _extractive},
        parse_reply=_parse_reply,
    )


def count_tokens(tokenizer: str) -> Any:
    """Return a function text -> number of tokens; raises UsageError for an unknown tokenizer.

    The vocabulary, 100 ms and 25 MB, is loaded when a text is counted: many runs count none.
    """
    from atkc.stdlib.tokens import check, count

    check(tokenizer)
    return lambda text: count(text, tokenizer)


def _placed(signature: ReaderSignature, body: Reader) -> Reader:
    """Let a reader see paths of the file system where options hold `atkc:` ones."""
    paths = [n for n, o in signature.options.items() if _is_path(o.type)]

    def read(options: Options) -> Iterator[Data | ReadFailure | ReadNote]:
        placed = {n: str(real(options[n])) for n in paths if isinstance(options.get(n), str)}
        return body({**options, **placed})

    return read


def _is_path(kind: Any) -> bool:
    inner = non_null(kind)
    return isinstance(inner, Scalar) and inner.name == "path"


def _extractive() -> Transport:
    from atkc.stdlib.extractive.model import ExtractiveTransport

    return ExtractiveTransport()


def _parse_reply(contract: Mapping[str, Any], text: str, cut: bool) -> list[Data]:
    from atkc.stdlib.replies import parse_reply

    return parse_reply(contract, text, cut)
