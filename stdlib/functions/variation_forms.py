"""Twelve ways to spell a text without a model: cases, joined words, slips of the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_START = re.compile(r"(^\W*|[.!?]\s+\W*|\n\s*)(\w)")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SLIPS = 0.03  # share of letters hit beside
_SPACES_LOST = 0.05


def _alternating(text: str, _: Random) -> str:
    out = []
    letters = 0
    for char in text:
        out.append(char.upper() if letters % 2 else char.lower())
        letters += char.isalpha()
    return "".join(out)


def _title(text: str, _: Random) -> str:
    return _WORD.sub(lambda found: found[0][0].upper() + found[0][1:].lower(), text)


def _sentence(text: str, _: Random) -> str:
    return _SENTENCE_START.sub(lambda found: found[1] + found[2].upper(), text.lower())


def _joined(line: str, glue: str, word: Callable[[int, str], str]) -> str:
    return glue.join(word(n, found) for n, found in enumerate(_WORD.findall(line)))


def _by_line(glue: str, word: Callable[[int, str], str]) -> Callable[[str, Random], str]:
    """Return a form that joins the words of each line; lines stay, or a text would be one word."""
    return lambda text, _: "\n".join(_joined(line, glue, word) for line in text.split("\n"))


def _lower(_: int, word: str) -> str:
    return word.lower()


def _capital(_: int, word: str) -> str:
    return word[0].upper() + word[1:].lower()


def _camel(n: int, word: str) -> str:
    return _capital(n, word) if n else word.lower()


def _random_case(text: str, chance: Random) -> str:
    return "".join(char.upper() if chance.random() < 0.5 else char.lower() for char in text)


def _keyboard(text: str, chance: Random) -> str:
    slipped = "".join(_slip(c, chance) if chance.random() < _SLIPS else c for c in text)
    return _spaces_moved(slipped, chance)


def _slip(char: str, chance: Random) -> str:
    near = _neighbours(char.lower())
    if not near:
        return char
    hit = chance.choice(near)
    return hit.upper() if char.isupper() else hit


def _neighbours(char: str) -> str:
    for n, row in enumerate(_ROWS):
        at = row.find(char)
        if at >= 0:
            beside = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
            return beside + "".join(
                other[at : at + 1] for other in _ROWS[max(0, n - 1) : n + 2] if other is not row
            )
    return ""


def _spaces_moved(text: str, chance: Random) -> str:
    """Lose a twentieth of the spaces, at least one, and put half as many elsewhere."""
    chars = list(text)
    spaces = [at for at, char in enumerate(chars) if char == " "]
    lost = min(len(spaces), max(1, int(len(spaces) * _SPACES_LOST)))
    for at in sorted(chance.sample(spaces, lost), reverse=True):
        del chars[at]
    for _ in range(lost // 2):
        chars.insert(chance.randrange(len(chars) + 1), " ")
    return "".join(chars)


FORMS: dict[str, Callable[[str, Random], str]] = {
    "allcaps": lambda text, _: text.upper(),
    "lowercase": lambda text, _: text.lower(),
    "serialkillercase": _alternating,
    "titlecase": _title,
    "sentencecase": _sentence,
    "snakecase": _by_line("_", _lower),
    "kebabcase": _by_line("-", _lower),
    "camelcase": _by_line("", _camel),
    "pascalcase": _by_line("", _capital),
    "randomcase": _random_case,
    "invertcase": lambda text, _: text.swapcase(),
    "keyboard_augmentation": _keyboard,
}
