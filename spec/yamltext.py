"""Files and texts read as YAML: a positioned document, and every mistake in it."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from atkc.spec.diagnostic import Diagnostic
from atkc.spec.nodes import Node, ScalarNode
from atkc.spec.source import Source
from atkc.spec.yamlcompose import Composer
from atkc.spec.yamlerrors import explain
from atkc.spec.yamlfault import Fault
from atkc.spec.yamlmend import without_entry

LARGEST = 4 * 1024 * 1024  # bytes
MOST_ERRORS = 20  # syntax errors reported for one file

# YAML 1.2 takes these for ordinary characters, libyaml for line ends: it is given stand-ins.
_STANDINS = {0x85: "\U0001fffe", 0x2028: "\U0001ffff", 0x2029: "\U0002fffe"}
_GENUINE = {ord(standin): chr(code) for code, standin in _STANDINS.items()}
_REFUSED = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEEDED = frozenset({"ATK110", "ATK112", "ATK115", "ATK116"})  # true also beside syntax errors


def read(path: str) -> Source | Diagnostic:
    """Return the text of a file (UTF-8, without BOM), or why it could not be read."""
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        return _unreadable(path, error)
    if len(data) > LARGEST:
        message = f"`{path}` is larger than {LARGEST // 1024 // 1024} MiB"
        return Diagnostic("ATK101", message, help="move data into files that a `source` step reads")
    try:
        return Source(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        kind = "is UTF-16, not UTF-8" if wide else f"is not UTF-8: a wrong byte in line {line}"
        return Diagnostic("ATK001", f"`{path}` {kind}", help="save the file as UTF-8")


def _unreadable(path: str, error: OSError | ValueError) -> Diagnostic:
    if isinstance(error, FileNotFoundError):
        message, help_ = "does not exist", "check the path; it is relative to the working directory"
    elif isinstance(error, IsADirectoryError):
        message, help_ = "is a directory", "name a file in it"
    elif isinstance(error, PermissionError):
        message, help_ = "may not be read", "change the permissions of the file"
    else:
        reason = error.strerror if isinstance(error, OSError) else None
        message, help_ = f"could not be read: {reason or error}", "check the path"
    return Diagnostic("ATK001", f"`{path}` {message}", help=help_)


def load(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    """Return the document and all findings; None only beside an error that spoils the whole.

    An empty document is a null scalar. Where YAML took an expression or template apart, the
    node holds the text that was meant, so that later passes do not report it again.
    """
    with _gc_paused():
        return _load(source)


def _load(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    text, found = _acceptable(source)
    errors: list[Diagnostic] = []
    while True:
        composer, whole, fault = _attempt(text, source)
        if fault is None:
            break
        errors.append(explain(source, fault))
        mended = without_entry(text, fault.offset)
        if mended is None or len(errors) == MOST_ERRORS:
            return None, found + errors
        text = mended
    if found or errors:
        return None, found + errors + [d for d in composer.found if d.code in _HEEDED]
    if not whole:
        return None, composer.found
    root = composer.root or ScalarNode(None, "", "plain", 0, 0, source)
    return root, composer.found


def _attempt(text: str, source: Source) -> tuple[Composer, bool, Fault | None]:
    standins = not text.isascii() and any(chr(code) in text for code in _STANDINS)
    composer = Composer(source, _GENUINE if standins else None)
    try:
        whole = composer.run(_events(text.translate(_STANDINS) if standins else text))
    except yaml.MarkedYAMLError as error:
        return composer, False, _fault(error, text, composer)
    return composer, whole, None


def _events(text: str) -> Iterator[Any]:
    parser: Any = yaml.CSafeLoader(text) if yaml.__with_libyaml__ else yaml.SafeLoader(text)
    event = parser.get_event()
    while event is not None:
        yield event
        event = parser.get_event()


def _fault(error: yaml.MarkedYAMLError, text: str, composer: Composer) -> Fault:
    at, context = error.problem_mark, error.context_mark
    return Fault(
        error.problem or "",
        error.context or "",
        min(at.index, len(text)) if at else len(text),
        min(context.index, len(text)) if context else None,
        composer.last,
    )


def _acceptable(source: Source) -> tuple[str, list[Diagnostic]]:
    """Return the text with characters that YAML refuses replaced, and a finding for each line."""
    found: dict[int, Diagnostic] = {}
    for match in _REFUSED.finditer(source.text):
        line = source.position(match.start())[0]
        if line in found or len(found) == MOST_ERRORS:
            continue
        code = ord(match[0])
        kind = "half of a surrogate pair" if 0xD800 <= code < 0xE000 else "a control character"
        message = f"U+{code:04X} is {kind}, which YAML does not allow"
        help_ = f'remove it, or write `"\\u{code:04x}"` in double quotes'
        if kind != "a control character":
            help_ = "remove it"
        found[line] = Diagnostic("ATK100", message, source.span(*match.span()), help=help_)
    return (_REFUSED.sub("\ufffd", source.text) if found else source.text), list(found.values())


@contextmanager
def _gc_paused() -> Iterator[None]:
    # Thousands of small frozen nodes are made and kept: collections meanwhile find nothing.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
