"""What libyaml could not read, said in plain words, at the place that needs the change."""

from __future__ import annotations

import re
from collections.abc import Callable

from atkc.spec.diagnostic import Diagnostic
from atkc.spec.source import Source
from atkc.spec.yamlcore import quoting
from atkc.spec.yamlfault import Fault, Place, place_of
from atkc.spec.yamltraps import unclosed
from atkc.spec.yamlvalues import (
    after_quote,
    bracket,
    commented,
    flow,
    hole,
    open_quote,
    runaway,
    template,
)


def explain(source: Source, fault: Fault) -> Diagnostic:
    """Return the finding for a fault; the first explanation in `_EXPLANATIONS` that fits wins."""
    place = place_of(source, fault)
    for explanation in _EXPLANATIONS:
        found = explanation(place)
        if found is not None:
            return found
    words = " ".join(part for part in (fault.context, fault.problem) if part)
    return place.found("ATK100", f"YAML cannot be read here: {words}", fault.at, fault.at + 1)


# --- keys, items and indentation ----------------------------------------------------------------


def _tab(place: Place) -> Diagnostic | None:
    text, at = place.source.text, place.fault.at
    if "cannot start any token" not in place.fault.problem or place.sign != "\t":
        return None
    end = at + len(text[at:]) - len(text[at:].lstrip("\t"))
    message = "a tab indents this line, and YAML takes spaces only"
    return place.found("ATK100", message, at, end, "replace the tab with spaces")


def _reserved(place: Place) -> Diagnostic | None:
    if "cannot start any token" not in place.fault.problem:
        return None
    at = place.fault.at
    end = place.upto_line_end(at)
    sign = "a backtick" if place.sign == "`" else f"`{place.sign}`"
    message = f"a value cannot begin with {sign}"
    help_ = quoting(place.source.text[at:end])
    return place.found("ATK100", message, at, end, help_)


def _colon(place: Place) -> Diagnostic | None:
    if "mapping values are not allowed" not in place.fault.problem:
        return None
    at = place.fault.at
    if place.value <= at and place.value > place.start and place.text.strip():
        code = "ATK110" if unclosed(place.source.text[place.value : at]) else "ATK100"
        message = "a value with `: ` in it has to be quoted"
        return place.found(code, message, place.value, place.value_end, quoting(place.text))
    start = at - len(place.before.lstrip())
    above = _above(place)
    if above and ":" not in above:
        message = f"this key continues the text `{above}` of the line above"
        return place.found("ATK100", message, start, at, "end the line above with `:`")
    message = "this key is indented as if it continued the value above it"
    return place.found("ATK100", message, start, at, "align it with the keys it belongs to")


def _above(place: Place) -> str:
    lines = place.source.text[: place.start].rstrip().rsplit("\n", 1)
    return lines[-1].strip()


def _no_colon(place: Place) -> Diagnostic | None:
    if "expected ':'" not in place.fault.problem:
        return None
    line = place.source.text[place.start : place.end]
    start = place.start + len(line) - len(line.lstrip())
    content = line.strip()
    if re.match(r"-\w", content):
        help_ = "put a space after the `-`"
    elif re.match(r"[\w.-]+:\S", content):
        help_ = "put a space after the `:`"
    else:
        help_ = "end the key with `:`, or indent the line to continue the text above"
    message = f"`{content}` is no `key: value`"
    return place.found("ATK100", message, start, place.end, help_)


def _indentation(place: Place) -> Diagnostic | None:
    problem = place.fault.problem
    if (
        "expected key" not in problem
        and "expected '-'" not in problem
        and "<block end>" not in problem
    ):
        return None
    at = place.fault.at
    end = place.upto_line_end(at)
    if place.sign == ":":
        return place.found("ATK100", "the key before this `:` is missing", at, at + 1, "write it")
    if place.source.text.startswith("- ", at) and "block mapping" in place.fault.context:
        message = "a list item stands where a key is expected"
    elif "block collection" in place.fault.context or "block sequence" in place.fault.context:
        message = "a list item, beginning with `- `, is expected here"
    else:
        message = "this line is indented like no line above it that it could belong to"
    return place.found("ATK100", message, at, end, "align it with the lines it belongs to")


_PHRASES: tuple[tuple[str, str, str], ...] = (
    (
        "block sequence entries are not allowed",
        "a list cannot begin on the line of its key",
        "put the item on the next line, or write `[a, b]`",
    ),
    (
        "mapping keys are not allowed",
        "`? ` begins a key, which cannot stand here",
        "quote the value",
    ),
    (
        "scanning an alias",
        "a value that begins with `*` is read as an alias",
        "quote the value",
    ),
    (
        "scanning an anchor",
        "a value that begins with `&` is read as an anchor",
        "quote the value",
    ),
    (
        "scanning a block scalar",
        "only `-`, `+` or a digit may follow `|` or `>` on its line",
        "begin the text on the next line",
    ),
    ("directive", "a line that begins with `%` is read as a directive", "quote the value"),
    ("a tag", "a value that begins with `!` is read as a tag", "quote the value"),
    (
        "<document start>",
        "a second document begins here, and a file holds one",
        "move it into a file of its own",
    ),
)


def _phrase(place: Place) -> Diagnostic | None:
    words = f"{place.fault.context} {place.fault.problem}"
    for sign, message, help_ in _PHRASES:
        if sign in words:
            code = "ATK115" if sign == "a tag" else "ATK100"
            return place.found(code, message, *_reach(place), help_)
    return None


def _reach(place: Place) -> tuple[int, int]:
    start = place.fault.offset
    return start, place.upto_line_end(start)


def _no_value(place: Place) -> Diagnostic | None:
    if "node content" not in place.fault.problem:
        return None
    at = place.fault.at
    if not place.sign and place.fault.began is not None and "flow" in place.fault.context:
        return bracket(place, place.fault.began)
    message = f"a value is missing before `{place.sign}`"
    help_ = "write the value, or quote it if the sign belongs to it"
    return place.found("ATK100", message, at, at + 1, help_)


_EXPLANATIONS: tuple[Callable[[Place], Diagnostic | None], ...] = (
    runaway,
    template,
    hole,
    open_quote,
    commented,
    flow,
    _tab,
    _reserved,
    _colon,
    _no_colon,
    after_quote,
    _no_value,
    _phrase,
    _indentation,
)
