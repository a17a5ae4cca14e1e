"""Findings as text with the source line and carets, as JSON, and as GitHub workflow commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from atkc.spec.codes import CODES
from atkc.spec.diagnostic import Diagnostic, Label
from atkc.spec.screen import printable, ruled
from atkc.spec.source import Source, Span

FORMAT_VERSION = "1.0"

_COLOURS = {"error": "1;31", "warning": "1;33", "info": "1;34", "help": "36", "gutter": "34"}
_NOWHERE = Span("", 0, 0, 0, 0)


def ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings by place, each once, however many paths of the document led to it."""
    unique = {(d.code, d.span, d.message): d for d in reversed(list(diagnostics))}
    return sorted(
        unique.values(),
        key=lambda d: (d.span or _NOWHERE, d.code, d.message, d.where, d.help or ""),
    )


# --- text ---------------------------------------------------------------------------------------


def as_text(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], color: bool = False
) -> str:
    """Return the findings for a terminal, with the lines of those `sources` (by path) they name."""
    blocks = ("\n".join(_block(d, sources, color)) for d in ordered(diagnostics))
    return "".join(f"{block}\n" for block in blocks)


def _block(found: Diagnostic, sources: Mapping[str, Source], color: bool) -> Iterator[str]:
    place = f"{printable(str(found.span))}: " if found.span else ""
    kind = _paint(f"{found.severity}[{found.code}]", found.severity, color)
    yield f"{place}{kind}: {printable(found.message)}"
    main = [(found.span, "")] if found.span else []
    marks = [
        (s, t) for s, t in main + [(x.span, x.text) for x in found.labels] if _known(s, sources)
    ]
    width = max((len(str(span.end_line)) for span, _ in marks), default=0)
    if marks:
        yield _paint(" " * width + " |", "gutter", color)
    path = found.span.path if found.span else ""
    for span, text in marks:
        if span.path != path:
            path = span.path
            yield f"{' ' * width}{_paint('::: ', 'gutter', color)}{printable(str(span))}"
        kind = "help" if text else found.severity
        yield from _excerpt(span, text, sources[span.path], width, kind, color)
    for label in found.labels:
        if not _known(label.span, sources):
            yield f"{' ' * width} = note: {printable(f'{label.span}: {label.text}')}"
    if found.help:
        yield f"{' ' * width} {_paint('= help:', 'help', color)} {printable(found.help)}"


def _known(span: Span, sources: Mapping[str, Source]) -> bool:
    source = sources.get(span.path)
    return source is not None and 1 <= span.line <= span.end_line <= len(source.starts)


def _excerpt(
    span: Span, text: str, source: Source, width: int, kind: str, color: bool
) -> Iterator[str]:
    last = span.end_line if span.end_col > 1 or span.end_line == span.line else span.end_line - 1
    lines = [span.line] if last == span.line else [span.line, last]
    for number in lines:
        line = source.line(number)
        start = span.col - 1 if number == span.line else len(line) - len(line.lstrip())
        end = span.end_col - 1 if number == span.end_line else len(line)
        shown, carets = ruled(line, start, end, "-" if text else "^")
        if number != span.line and last > span.line + 1:
            yield _paint(f"{'...':>{width}}", "gutter", color)
        yield f"{_paint(f'{number:>{width}} |', 'gutter', color)} {shown}".rstrip()
        note = f" {printable(text)}" if text and number == lines[-1] else ""
        yield f"{_paint(' ' * width + ' |', 'gutter', color)} {_under(carets, note, kind, color)}"


def _under(carets: str, note: str, kind: str, color: bool) -> str:
    blanks = len(carets) - len(carets.lstrip(" "))
    return carets[:blanks] + _paint(carets[blanks:] + note, kind, color)


def _paint(text: str, kind: str, color: bool) -> str:
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if color else text


# --- JSON ---------------------------------------------------------------------------------------


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one JSON object: `format_version` and the sorted `diagnostics`, one line each."""
    rows = [json.dumps(_row(d), sort_keys=True) for d in ordered(diagnostics)]
    body = ",\n".join(f"  {row}" for row in rows)
    listed = f"[\n{body}\n]" if rows else "[]"
    return f'{{"format_version": "{FORMAT_VERSION}", "diagnostics": {listed}}}\n'


def _row(found: Diagnostic) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "title": CODES[found.code].title,
        "message": found.message,
        "help": found.help,
        "where": found.where,
        "span": _span(found.span) if found.span else None,
        "labels": [_label(label) for label in found.labels],
    }


def _label(label: Label) -> dict[str, Any]:
    return {"span": _span(label.span), "text": label.text}


def _span(span: Span) -> dict[str, Any]:
    return {
        "path": span.path,
        "line": span.line,
        "col": span.col,
        "end_line": span.end_line,
        "end_col": span.end_col,
    }


# --- GitHub -------------------------------------------------------------------------------------

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def as_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return one workflow command a line; columns only where the span stays on one line."""
    return "".join(f"{_command(d)}\n" for d in ordered(diagnostics))


def _command(found: Diagnostic) -> str:
    places: dict[str, str | int] = {}
    if found.span:
        span = found.span
        places = {"file": span.path, "line": span.line, "endLine": span.end_line}
        if span.line == span.end_line:
            places |= {"col": span.col, "endColumn": span.end_col}
    places["title"] = found.code
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in places.items())
    text = f"{found.message} ({found.help})" if found.help else found.message
    return f"::{_LEVELS[found.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
