"""The chat templates by name, and the check of one that a spec brings along."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from atkc.spec.diagnostic import Problem
from atkc.spec.rowtype import ANY, STRING, ListOf, Record, Type
from atkc.spec.template import examine, parse

TEMPLATES = ("atk", "chatml")
# `from` and `value` are what templates written for ShareGPT read.
MESSAGE = Record.of({"role": STRING, "content": STRING, "from": STRING, "value": STRING})
# Templates of tokenizers print these; empty unless `variables` says otherwise.
SPECIAL = {"bos_token": "", "eos_token": ""}


@lru_cache(maxsize=8)
def source_of(template: str) -> str:
    """Return the Jinja text of a template's name; anything else is such a text already."""
    if template not in TEMPLATES:
        return template
    file = Path(__file__).with_name(f"{template}.jinja")
    return file.read_text(encoding="utf-8").removesuffix("\n")


def problem_in(template: str, variables: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a template, in words, or None."""
    known: dict[str, Type] = dict.fromkeys(variables, ANY)
    known.update(dict.fromkeys(SPECIAL, STRING), messages=ListOf(MESSAGE))
    return template_problem(source_of(template), Record.of(known))


def template_problem(text: str, variables: Record) -> str | None:
    """Return the first problem of a template that may read these variables, or None."""
    found = parse(text)
    if isinstance(found, Problem):
        return found.message
    return next((p.message for p in examine(found, variables).problems), None)
