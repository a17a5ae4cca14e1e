"""Keys are blotted out before anything reads the text, so nothing can print them."""

from __future__ import annotations

import re

from atkc.cli.augmentoolkit.marks import MARK

_NAME = (
    r"[\w-]*(?:api_?key|(?:hf|hub|huggingface|access|auth|bot|wandb|runpod)_token|secret|password)"
)
# A key and its value at the start of a line, of a list item, or within `{ }`.
_GIVEN = re.compile(
    rf"""(?im)^(?P<indent>[ \t]*(?:\#[ \t]*)?)(?P<list>(?:-[ \t]+)*)(?P<before>[^\n]*?[{{,][ \t]*)?
    (?P<name>["']?{_NAME}["']?[ \t]*:)(?P<value>[ \t][^\n]*|$)""",
    re.VERBOSE,
)
_SHAPES = re.compile(
    r"\b(?:sk|rk|pk|gsk|hf|rpa|r8|nvapi|xai|tgp)[-_][A-Za-z0-9_-]{12,}|\bAIza[\w-]{20,}"
)
_LETTER = re.compile(r"[A-Za-z0-9\\]")
_NAMED = re.compile(_NAME, re.IGNORECASE)


def is_secret(key: str) -> bool:
    """Return whether the value under a key of this name is a secret."""
    return _NAMED.fullmatch(key) is not None


def blotted(text: str) -> str:
    """Return the text with the letters of every key replaced by `x`; all offsets stay."""
    lines = text.split("\n")
    below: int | None = None  # the indent of a secret whose value stands on the next lines
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip(" "))
        if below is not None and (indent > below or not line.strip()):
            lines[number] = _blot(line)
            continue
        below = None
        found = _GIVEN.match(line)
        if found is None:
            continue
        lines[number], open_ = _line(line, found)
        if open_:
            below = indent + len(found["list"])
    return _SHAPES.sub(lambda match: _LETTER.sub("x", match[0]), "\n".join(lines))


def _line(line: str, found: re.Match[str]) -> tuple[str, bool]:
    """Return the line blotted, and whether the value goes on below."""
    value, start = found["value"], found.start("value")
    plain = value.partition(" #")[0].strip()
    if not found["before"]:
        return line[:start] + _blot(value), not re.search(r"[^|>+\-0-9\s]", plain) or _open(plain)
    ended = re.search(r"[,}]", value)
    end = ended.start() if ended else len(value)
    return line[:start] + _blot(value[:end]) + blotted_rest(value[end:]), False


def blotted_rest(text: str) -> str:
    """Return what follows a secret within `{ }`, where others may stand."""
    found = re.search(rf"(?i)[{{,]\s*[\"']?{_NAME}[\"']?\s*:", text)
    if found is None:
        return text
    ended = re.search(r"[,}]", text[found.end() :])
    end = found.end() + ended.start() if ended else len(text)
    return text[: found.end()] + _blot(text[found.end() : end]) + blotted_rest(text[end:])


def _open(plain: str) -> bool:
    return plain[:1] in "\"'" and (len(plain) == 1 or plain[-1] != plain[0])


def _blot(text: str) -> str:
    """Blot a value; marks, anchors and aliases are no secrets and stay."""
    kept = re.compile(rf"{MARK.pattern}|(?<=\s)[&*][\w-]+")
    out, at = [], 0
    for match in kept.finditer(text):
        out += [_LETTER.sub("x", text[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*out, _LETTER.sub("x", text[at:])])
