"""The kinds of failures: what each means, what to do, and whether asking again can help."""

from __future__ import annotations

from typing import NamedTuple

CALL = "call"  # no reply came: any run asks again
REPLY = "reply"  # a reply came and could not be accepted: `atkc retry` asks again
DATA = "data"  # the record itself; a run works it out anew
SOURCE = "source"  # a document or row that could not be read; a run reads it anew


class Kind(NamedTuple):
    """Where a kind comes from, what happened, and what to do about it."""

    origin: str
    what: str
    advice: str


_RETRY = "`atkc retry`; where it stays, look at the reply and mend the prompt"
_OTHER = "name another model under `fallback`; or `atkc retry`"
_LENGTH = "raise `max_tokens` of the model, or ask for less"
_MEND = "mend the record, or the step that makes it"
_FILE = "mend or replace the file"

KINDS: dict[str, Kind] = {
    # calls
    "refused": Kind(CALL, "the endpoint refused the request (400 and its like)", "read the reason"),
    "transport": Kind(CALL, "no reply came in all tries", "run again"),
    # replies
    "truncated": Kind(REPLY, "the reply was cut off at its greatest length", _LENGTH),
    "refusal": Kind(REPLY, "the model refused, or the reply says what `refuse` names", _OTHER),
    "filtered": Kind(REPLY, "the endpoint's content filter withheld the reply", _OTHER),
    "empty": Kind(REPLY, "the reply, or the document, has no text", _RETRY),
    "missing-field": Kind(REPLY, "a field of the reply is missing", _RETRY),
    "wrong-type": Kind(REPLY, "a field of the reply has another type than declared", _RETRY),
    "too-few": Kind(REPLY, "the reply has fewer items than `each.min`", _RETRY),
    "too-many": Kind(REPLY, "the reply has more items than were asked for", _RETRY),
    "no-json": Kind(REPLY, "the reply holds no JSON that can be read", _RETRY),
    "no-verdict": Kind(REPLY, "the reply holds no verdict", _RETRY),
    "ambiguous-verdict": Kind(REPLY, "the reply holds verdicts that differ", _RETRY),
    "items": Kind(REPLY, "the reply has another number of items than one", _RETRY),
    # records
    "bad-field": Kind(DATA, "a field is absent or holds what the step cannot use", _MEND),
    "crashed": Kind(
        DATA, "a function or parser failed as nobody foresaw", "report it, with the record"
    ),
    "expression": Kind(DATA, "an expression has no value for this record", _MEND),
    "template": Kind(DATA, "a template cannot be filled in from this record", _MEND),
    "no-case": Kind(DATA, "none of the `cases` is true", "add a last case `true`"),
    "no-variant": Kind(DATA, "`choose: by` names no variant", _MEND),
    "no-text": Kind(DATA, "there is no text to work on", _MEND),
    "no-turns": Kind(DATA, "there is no turn to work on", _MEND),
    "empty-turn": Kind(DATA, "a turn says nothing", _MEND),
    "order": Kind(DATA, "the turns do not alternate", _MEND),
    "stray-text": Kind(DATA, "there is text before the first speaker", _MEND),
    "nothing-trained": Kind(DATA, "no turn would be trained on", _MEND),
    "hole": Kind(DATA, "a part of a document is missing", "look at the failures of the parts"),
    "incomplete": Kind(DATA, "members of a group failed", "look at the failures of the members"),
    "missing": Kind(DATA, "`join` found no right record", _MEND),
    # documents and rows
    "bad-row": Kind(SOURCE, "a row is no record of the declared type", _FILE),
    "bad-header": Kind(SOURCE, "the columns are not what they should be", _FILE),
    "binary": Kind(SOURCE, "what should be text is not", _FILE),
    "corrupt": Kind(SOURCE, "the file is damaged", _FILE),
    "encoding": Kind(SOURCE, "the text is in no known encoding", "save it as UTF-8"),
    "encrypted": Kind(SOURCE, "the file is protected", "save a copy without a password"),
    "format": Kind(SOURCE, "`formats` leaves this format out", "name it there, or move the file"),
    "link": Kind(SOURCE, "a link leaves the folder", "put a copy in its place"),
    "too-large": Kind(SOURCE, "the file is larger than `max_bytes`", "raise `max_bytes`"),
    "unreadable": Kind(SOURCE, "the file cannot be opened", "look at its permissions"),
}


def kinds_of(origin: str) -> list[str]:
    """Return the kinds of one origin."""
    return [name for name, kind in KINDS.items() if kind.origin == origin]


def advice(kind: str) -> str:
    """Return what to do about failures of a kind."""
    return KINDS[kind].advice if kind in KINDS else _MEND
