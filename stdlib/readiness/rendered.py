"""Turns in a text that a chat template has rendered, with the places where each begins and ends."""

from __future__ import annotations

import re

from msgspec import Struct

# Marks of the beginning of a text, of common tokenizers.
BOS = ("<s>", "<|begin_of_text|>", "<bos>", "<|startoftext|>", "<｜begin▁of▁sentence｜>")
_BOS = re.compile(r"(?:\s*(?:" + "|".join(map(re.escape, BOS)) + r"))*\s*")


class Turn(Struct, frozen=True):
    """A turn; places count characters of the whole text, `ended` if its end mark is there."""

    role: str
    content: str
    borders: tuple[int, int, int, int] = (0, 0, 0, 0)  # header, content, end of content, end
    ended: bool = True


class _Form(Struct, frozen=True):
    """How a template writes a turn, and what its names of roles stand for."""

    turn: re.Pattern[str]
    head: re.Pattern[str]
    roles: dict[str, str]


_ATK = r"(?P<role>Instruction|Human|AI): "
_ATK_END = r" \*\*Finished\.\*\*(?:\n(?=(?:Instruction|Human|AI): )|\s*\Z)"
_CHATML = r"<\|im_start\|>(?P<role>\w+)\n"
_CHATML_END = r"<\|im_end\|>(?:\n|\s*\Z)"
_FORMS = (
    _Form(
        re.compile(f"{_ATK}(?P<content>.*?){_ATK_END}", re.DOTALL),
        re.compile(_ATK),
        {"Instruction": "system", "Human": "user", "AI": "assistant"},
    ),
    _Form(
        re.compile(f"{_CHATML}(?P<content>.*?){_CHATML_END}", re.DOTALL),
        re.compile(_CHATML),
        {},
    ),
)


def turns_in(text: str) -> tuple[Turn, ...]:
    """Return the turns of a text in the form `atk` or `chatml`; none of any other text."""
    start = match.end() if (match := _BOS.match(text)) else 0
    for form in _FORMS:
        if form.head.match(text, start):
            return _turns(form, text, start)
    return ()


def _turns(form: _Form, text: str, at: int) -> tuple[Turn, ...]:
    found: list[Turn] = []
    while at < len(text):
        match = form.turn.match(text, at)
        if match is None:
            return (*found, *_open(form, text, at))
        role = form.roles.get(match["role"], match["role"])
        borders = (at, match.start("content"), match.end("content"), match.end())
        found.append(Turn(role, match["content"], borders))
        at = match.end()
    return tuple(found)


def _open(form: _Form, text: str, at: int) -> tuple[Turn, ...]:
    """Return the turn that ends with the text, without its end mark."""
    head = form.head.match(text, at)
    if head is None:
        return ()
    role = form.roles.get(head["role"], head["role"])
    return (Turn(role, text[head.end() :], (at, head.end(), len(text), len(text)), ended=False),)
