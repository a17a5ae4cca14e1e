"""Why libyaml stopped at a value: templates and expressions without quotes, brackets, quotes."""

from __future__ import annotations

import re

from atkc.spec.diagnostic import Diagnostic, Label
from atkc.spec.yamlcore import quoting
from atkc.spec.yamlfault import Place, line_from
from atkc.spec.yamltraps import unclosed

_COMMENT = re.compile(r"[ \t]+#.*")

# --- templates and expressions without quotes ---------------------------------------------------


def template(place: Place) -> Diagnostic | None:
    if not place.text.startswith(("{{", "{%")):
        return None
    message = f"a value that begins with `{place.text[:2]}` is read as a YAML mapping"
    return place.found("ATK110", message, place.value, place.value_end, quoting(place.text))


def hole(place: Place) -> Diagnostic | None:
    text, at = place.source.text, place.fault.at
    if place.sign != "{" or text[at - 1 : at] != "$":
        return None
    close = text.find("}", at)
    end = close + 1 if 0 <= close < at + len(line_from(text, at)) else at + 1
    help_ = quoting(text[at - 1 : end], "it")
    return place.found(
        "ATK110", "`${…}` has to be quoted within `[ ]` and `{ }`", at - 1, end, help_
    )


def commented(place: Place) -> Diagnostic | None:
    if "flow" not in place.fault.context or place.fault.began is None:
        return None
    text = place.source.text
    line_end = place.fault.began + len(line_from(text, place.fault.began))
    for match in _COMMENT.finditer(text, place.fault.began, line_end):
        inside = text[place.fault.began + 1 : match.start()]
        if unclosed(inside.rsplit(",", 1)[-1]):
            message = "` #` begins a comment here and cuts the value off"
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            return place.found("ATK116", message, start, line_end, "quote the whole value")
    return None


def flow(place: Place) -> Diagnostic | None:
    fault = place.fault
    if "flow" not in fault.context or fault.began is None or "expected ','" not in fault.problem:
        return None
    text = place.source.text
    if "\n" in text[fault.began : fault.at] or not place.sign:
        return bracket(place, fault.began)
    if place.sign == "[" or place.before.rstrip().endswith(('"', "'", "]", "}")):
        start = _entry_start(text, fault.began, fault.at)
        end = min(_entry_end(text, fault.at), fault.at + len(line_from(text, fault.at)))
        message = "an expression within `[ ]` or `{ }` has to be quoted"
        return place.found("ATK110", message, start, end, quoting(text[start:end], "it"))
    message = "a `,` or the closing bracket is missing before this"
    return place.found("ATK100", message, fault.at, fault.at + 1, "add it, or quote the value")


def bracket(place: Place, at: int) -> Diagnostic:
    sign = place.source.text[at : at + 1]
    close = {"[": "]", "{": "}"}.get(sign, "the bracket")
    found = place.found("ATK100", f"this `{sign}` is not closed", at, at + 1, f"add `{close}`")
    stop = min(place.fault.at, len(place.source.text))
    label = Label(place.source.span(stop, stop + 1), "still within it here")
    return Diagnostic(found.code, found.message, found.span, (label,), found.help)


def _entry_start(text: str, began: int, at: int) -> int:
    """Return where the value of the flow entry around `at` begins."""
    start = max(text.rfind(sign, began, at) for sign in ("{", "[", ", ", ": "))
    while start < at and text[start] in "{[,: ":
        start += 1
    return start


def _entry_end(text: str, at: int) -> int:
    """Return where the flow entry around `at` ends: at the next comma or unmatched bracket."""
    depth = 0
    for match in re.compile(r"[\[\](){},\n]").finditer(text, at):
        sign = match[0]
        if sign == "\n" or (depth == 0 and sign in "]},"):
            return match.start()
        depth += (sign in "[({") - (sign in "])}")
    return len(text)


# --- quotes -------------------------------------------------------------------------------------


def open_quote(place: Place) -> Diagnostic | None:
    fault = place.fault
    if "quoted scalar" not in fault.context or fault.began is None:
        return None
    if "escape" in fault.problem:
        return _escape(place)
    return _unclosed_quote(place, fault.began)


def runaway(place: Place) -> Diagnostic | None:
    node = place.fault.runaway
    return _unclosed_quote(place, node.start) if node is not None else None


def _unclosed_quote(place: Place, at: int) -> Diagnostic:
    sign = place.source.text[at : at + 1]
    help_ = f"add the closing `{sign}`, or double it if it is an apostrophe"
    if sign == '"':
        help_ = 'add the closing `"`'
    end = place.upto_line_end(at)
    return place.found("ATK100", f"the quote `{sign}` is not closed on its line", at, end, help_)


def _escape(place: Place) -> Diagnostic:
    text, at = place.source.text, place.fault.at
    start = max(text.rfind("\\", 0, at + 1), 0)
    shown = text[start : start + 2]
    message = f"`{shown}` is no escape that double quotes know"
    help_ = f"write `\\{shown}` for a backslash, or use single quotes"
    return place.found("ATK100", message, start, start + 2, help_)


def after_quote(place: Place) -> Diagnostic | None:
    before = place.before.rstrip()
    if not before or not any(p in place.fault.problem for p in ("expected key", "<block end>")):
        return None
    if before.endswith("'") and re.match(r"\w", place.sign) and not place.before.endswith(" "):
        help_ = "double the apostrophe: `''`"
    elif before.endswith(("'", '"')):
        help_ = quoting(place.text, "the whole value")
    else:
        help_ = "quote the whole value, or remove the rest"
    message = "this text does not belong to the value before it"
    if before[-1] in "'\"]}":
        message = f"nothing may follow the closing `{before[-1]}` of a value"
    end = place.upto_line_end(place.fault.at)
    return place.found("ATK100", message, place.fault.at, end, help_)
