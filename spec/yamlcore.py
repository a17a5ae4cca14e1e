"""What a plain scalar means by the YAML 1.2 core schema, and where YAML 1.1 disagrees."""

from __future__ import annotations

import json
import math
import re

from atkc.spec.diagnostic import Problem

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_STARTS = frozenset("-+.0123456789~nNtTfF")
_LONGEST_ADVICE = 80
LONGEST_NUMBER = 3000  # digits; Python refuses to print integers above 4300


def resolve(text: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar by the 1.2 core schema; overlong numbers stay text."""
    if not text:
        return None
    if text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _FLOAT.fullmatch(text):
        lowered = text.lower()
        return float(lowered.replace(".", "") if lowered[-1] in "fn" else lowered)
    return text


# --- how YAML 1.1 reads it ----------------------------------------------------------------------

_EXPONENT = re.compile(r"[-+]?(?:[0-9]+[eE][-+]?[0-9]+|(?:[0-9]+\.[0-9]*|\.[0-9]+)[eE][0-9]+)")
_ELDER = (
    ("a boolean", re.compile(r"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")),
    ("an octal number", re.compile(r"[-+]?0(?!0*\Z)[0-7]+")),
    ("text", re.compile(r"[-+]?0[0-9]*[89][0-9]*|0o[0-7]+")),
    ("a number", re.compile(r"[-+]?[0-9][0-9]*_[0-9_]*(?:\.[0-9_]*)?|[-+]?0b[01_]+")),
    ("a number in base 60", re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")),
    ("a date", re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t]+[0-9]{1,2}:[0-9:.]+.*)?")),
    ("text", _EXPONENT),
)
_ANY_ELDER = re.compile("|".join(f"(?:{shape.pattern})" for _, shape in _ELDER))
_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def pitfall(text: str, value: object) -> Problem | None:
    """Return what another YAML reader would make of a plain scalar, or None where all agree."""
    if len(text) > LONGEST_NUMBER or (isinstance(value, float) and not math.isfinite(value)):
        return _unstorable(text, value)
    if not _ANY_ELDER.fullmatch(text):
        return None
    elder = next(name for name, shape in _ELDER if shape.fullmatch(text))
    here = "text" if isinstance(value, str) else f"the number {value}"
    return Problem(
        "ATK111",
        f"`{text}` is {here} here, but {elder} in YAML 1.1",
        0,
        len(text),
        _advice(text, value),
    )


def _advice(text: str, value: object) -> str:
    word = _BOOLEANS.get(text.lower())
    if word:
        return f'write `{word}`, or quote the word: `"{text}"`'
    if isinstance(value, int):
        return f'write `{value}`, or quote it to keep it as text: `"{text}"`'
    if isinstance(value, float):
        return f"write `{_spelt(value)}`, which every reader takes for a number"
    return f'quote it: `"{text}"`'


def _spelt(value: float) -> str:
    digits, sign, power = repr(value).partition("e")
    if not sign:
        return digits
    point = digits if "." in digits else f"{digits}.0"
    return f"{point}e{power if power[0] in '+-' else '+' + power}"


def _unstorable(text: str, value: object) -> Problem | None:
    if isinstance(value, float):
        message = f"`{text[:40]}` is a number that JSON cannot hold"
        help_ = "write a finite number, or quote it to keep it as text"
    elif _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text):
        message = f"a number of {len(text)} digits is longer than the {LONGEST_NUMBER} allowed"
        help_ = "quote it to keep it as text"
    else:
        return None
    return Problem("ATK205", message, 0, len(text), help_)


def quoting(text: str, what: str = "the value") -> str:
    """Return the advice to quote a text, with the text quoted where that is short enough."""
    if len(text) > _LONGEST_ADVICE or "\n" in text:
        return f"quote {what}"
    return f"quote {what}: {quoted(text)}"


def quoted(text: str) -> str:
    """Return a one-line text as a quoted YAML scalar, in the quotes that need fewest escapes."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)
