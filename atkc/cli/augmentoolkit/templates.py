"""Chat templates of the original, taken over only where they provably render the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from atkc.runtime.errors import RecordError
from atkc.spec.rowtype import STRING, Record

_PRESETS = ("atk", "chatml")
_SUBSCRIPT = re.compile(r"""\b(\w+)\[\s*(["'])(from|value|role|content)\2\s*\]""")
_BOS = re.compile(r"\bbos_token\b")
_TALKS = (
    (("system", "Be brief."), ("user", "What is tar?"), ("assistant", "Boiled resin."),
     ("user", "And pitch?\n\nTell {{ all }}."), ("assistant", "Tar, boiled again.")),
    (("user", "  One space before. "), ("assistant", "Two lines.\nHere.")),
)  # fmt: skip
_WRITE = "write it as a Jinja text over `messages` with `message.role` and `message.content`"


class NotCarried(Exception):
    """A template cannot be taken over; says why."""


def chat_template(value: Any, variables: Mapping[str, Any], bos: str) -> tuple[str, str]:
    """Return a chat template and what was changed in it; raises NotCarried.

    `bos` is what the original puts for `bos_token` there.
    """
    from atkc.stdlib.chat.templates import problem_in

    if not isinstance(value, str) or not value:
        raise NotCarried(f"`{value}` is no template")
    if value in _PRESETS:
        return value, ""
    made, changes = _translated(value, bos)
    problem = problem_in(made, variables)
    if problem is not None:
        raise NotCarried(f"our templates cannot say it ({problem}): {_WRITE}")
    for talk in _TALKS:
        if _original(value, talk, variables, bos) != _ours(made, talk, variables):
            raise NotCarried(f"it renders another text here: {_WRITE}")
    return made, changes


def turn_template(value: Any, variable: str) -> str:
    """Return the template of one turn; raises NotCarried."""
    from atkc.stdlib.chat.templates import template_problem

    if not isinstance(value, str):
        raise NotCarried(f"`{value}` is no template")
    problem = template_problem(value, Record.of({variable: STRING}))
    if problem is not None:
        raise NotCarried(f"our templates cannot say it: {problem}")
    return value


def _translated(text: str, bos: str) -> tuple[str, str]:
    made = _SUBSCRIPT.sub(r"\1.\3", text)
    found = _SUBSCRIPT.search(text)
    changes = [f"`{found[0]}` is written `{found[1]}.{found[3]}`"] if found else []
    if bos and _BOS.search(made):
        made = _BOS.sub(f"'{bos}'", made)
        changes.append(f"`bos_token` is the text `{bos}`, as it is there")
    return made, "; ".join(changes)


def _original(
    text: str, talk: tuple[tuple[str, str], ...], variables: Mapping[str, Any], bos: str
) -> str:
    """Render as the original does: plain Jinja, here within a sandbox."""
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    messages = [{"from": r, "value": c, "role": r, "content": c} for r, c in talk]
    given = {**({"bos_token": bos} if bos else {}), **variables, "messages": messages}
    try:
        environment = ImmutableSandboxedEnvironment(autoescape=False)  # no HTML
        return environment.from_string(text).render(given).strip()
    except (TemplateError, TypeError, ValueError) as error:
        raise NotCarried(f"it cannot be rendered: {error}") from None


def _ours(text: str, talk: tuple[tuple[str, str], ...], variables: Mapping[str, Any]) -> str:
    from atkc.stdlib.chat.rendering import render

    try:
        return render([{"role": r, "content": c} for r, c in talk], text, variables)
    except RecordError as error:
        raise NotCarried(f"our templates cannot say it: {error.message}") from None
