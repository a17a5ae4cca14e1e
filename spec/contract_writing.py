"""Writing a contract into the last user message: the one function that tells a model its form.

The text is built of lines, in this order; `contract_asking` reads it back:

    First reason step by step.                                    if there is a reason
    <head>                                                        if there are fields, see HEADS
    - "question" (string): what to write there                    json, one line per field
    **Question:** (string) what to write there                    sections
    <question>(string) what to write there</question>             tags
    1. (string) what to write there                               list
    (string) what to write there                                  text
    a pattern on its own line, or a grammar between ``` fences    regex, grammar
    End with your verdict, in one of the words given:             sections and tags
    **Final judgment:** one of PASS, FAIL
    Only if it is PASS, add these sections after it:              then the lines of that variant

In JSON the reason is the first key, the verdict a key `(one of PASS, FAIL)` after the fields, and
a variant a key `(object or null): only if the verdict is PASS, with:` whose lines are indented.
The type is in the notation of specs; in text forms lists say `, one per line, each after a dash`
and what may be missing says `, left out if there is none`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from atkc.spec.contract_lines import (
    HEADS,
    IN_LINES,
    LEFT_OUT,
    REASON,
    VERDICT,
    WHEN,
    count_words,
    type_words,
)
from atkc.spec.contract_model import Contract, Part, Variant, Verdict
from atkc.spec.rowtype import ListOf, Nullable, non_null


def instructions(contract: Contract, mode: str = "off") -> str:
    """Return the lines to append to the last user message, without a final newline.

    `mode` is the model's `structured:`; a list in JSON is then wrapped as the response format is.
    """
    if contract.format == "json":
        return "\n".join([_head(contract, mode), *_json_lines(contract)])
    return "\n".join(_plain_lines(contract))


def _head(contract: Contract, mode: str = "off") -> str:
    kind = "sections" if contract.format == "verdict" else contract.format
    form = "one" if contract.each is None else "many" if mode == "off" else "wrapped"
    if kind != "json" and contract.each:
        form = "many"
    count = count_words(contract.each) if contract.each else ""
    return HEADS[kind, form].format(count=count)


def _json_lines(contract: Contract) -> Iterator[str]:
    if contract.reason:
        yield '- "reason" (string): reason step by step'
    for part in contract.parts:
        yield _json_line(part)
    if contract.verdict:
        yield f"- {json.dumps(contract.verdict.label)} ({_one_of(contract.verdict)})"
    for variant in contract.variants:
        assert contract.verdict
        only = f"only if the verdict is {contract.verdict.word(variant.when)}, with:"
        yield f"- {json.dumps(variant.label)} (object or null): {only}"
        for part in variant.parts:
            yield "  " + _json_line(part)


def _json_line(part: Part) -> str:
    kind = type_words(part.type, part.optional) + (LEFT_OUT if part.optional else "")
    label = json.dumps(part.label, ensure_ascii=False)
    return f"- {label} ({kind})" + (f": {part.description}" if part.description else "")


def _plain_lines(contract: Contract) -> Iterator[str]:
    if contract.reason:
        yield REASON
    if contract.parts or contract.grammar:
        yield _head(contract)
        yield from _body(contract)
    if contract.verdict:
        yield VERDICT
        yield _wrapped(contract.format, contract.verdict.label, _one_of(contract.verdict))
    for variant in contract.variants:
        yield from _variant_lines(contract, variant)


def _body(contract: Contract) -> Iterator[str]:
    if contract.format == "regex":
        yield contract.pattern
    elif contract.format == "grammar":
        yield from ("```", *contract.grammar.strip("\n").split("\n"), "```")
    else:
        for part in contract.parts:
            yield _wrapped(contract.format, part.label, _place(contract, part))


def _variant_lines(contract: Contract, variant: Variant) -> Iterator[str]:
    assert contract.verdict
    places = "tags" if contract.format == "tags" else "sections"
    yield WHEN.format(word=contract.verdict.word(variant.when), places=places)
    for part in variant.parts:
        yield _wrapped(contract.format, part.label, _place(contract, part))


def _place(contract: Contract, part: Part) -> str:
    """Return `(type) description`; the items of a list format are its lines already."""
    kind = part.type
    if contract.format == "list" and isinstance(kind, ListOf):
        kind = kind.item
    words = type_words(kind, part.optional)
    if isinstance(non_null(kind), ListOf):
        words += IN_LINES
    if part.optional or isinstance(kind, Nullable):
        words += LEFT_OUT
    return f"({words}) {part.description}".rstrip()


def _wrapped(form: str, label: str, inner: str) -> str:
    if form == "tags":
        return f"<{label}>{inner}</{label}>"
    if form in ("list", "text"):
        return f"1. {inner}" if form == "list" else inner
    return f"**{label}:** {inner}"


def _one_of(verdict: Verdict) -> str:
    return "one of " + ", ".join(words[0] for _, words in verdict.values)
