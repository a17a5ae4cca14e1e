"""Bytes to text: byte order marks, UTF-8, and a guess where neither holds."""

from __future__ import annotations

import codecs

from atkc.runtime.errors import RecordError

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(data: bytes, *, strict: bool, declared: str | None = None) -> tuple[str, str | None]:
    """Return the text with `\\n` line ends and, if the encoding was guessed, a note that says so.

    Raises RecordError `binary` for NUL characters, `encoding` if nothing fits or `strict` forbids.
    """
    text, note = _to_text(data, strict, declared)
    if "\0" in text:
        raise RecordError("binary", "holds NUL characters, so it is not text")
    return unify_line_ends(text), note


def unify_line_ends(text: str) -> str:
    """Return the text with `\\r\\n` and `\\r` as `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def marked_encoding(data: bytes) -> tuple[str, int] | None:
    """Return the encoding that a byte order mark names and the length of the mark."""
    return next(((name, len(mark)) for mark, name in _MARKS if data.startswith(mark)), None)


def _to_text(data: bytes, strict: bool, declared: str | None) -> tuple[str, str | None]:
    marked = marked_encoding(data)
    if marked:
        return _strictly(data[marked[1] :], marked[0]), None
    for name in (declared, "utf-8"):
        text = _attempt(data, name)
        if text is not None:
            return text, None
    if b"\0" in data:
        raise RecordError("binary", "holds NUL characters, so it is not text")
    if strict:
        raise RecordError("encoding", "is not UTF-8, and `strict_encoding` is on")
    return _guess(data)


def _attempt(data: bytes, name: str | None) -> str | None:
    if not name:
        return None
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        message = f"begins with a {name} mark but byte {error.start} does not fit that encoding"
        raise RecordError("encoding", message) from error


def _guess(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise RecordError("encoding", "is neither UTF-8 nor in an encoding that could be guessed")
    return str(best), f"encoding guessed: {best.encoding}"
