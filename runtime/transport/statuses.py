"""What an HTTP status, and what an endpoint says with it, mean for a call."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from atkc.runtime.errors import CallError, Permanent, Transient

_TRANSIENT = frozenset({408, 409, 425, 429})

# Statuses that every call to the endpoint would meet: code and what to say.
_FATAL = {
    401: ("ATK701", "the key was refused"),
    402: ("ATK701", "the account has no credit"),
    403: ("ATK701", "the key may not do this"),
}
_FATAL_WORDS = {  # what endpoints put into `error.code` or `error.type`
    "insufficient_quota": ("ATK701", "the quota of the key is used up"),
    "invalid_api_key": ("ATK701", "the key was refused"),
    "model_not_found": ("ATK702", "the model is unknown"),
    "invalid_model": ("ATK702", "the model is unknown"),
    "DeploymentNotFound": ("ATK702", "the model is unknown"),
}
_NO_SUCH_MODEL = re.compile(
    r"model\b.*\b(not found|not exist|unknown|no such)", re.IGNORECASE | re.DOTALL
)
_NO_MODEL_NAME = re.compile(r"not a valid model\b|\binvalid model name\b", re.IGNORECASE)
# What a 403 says that is about one record's text and not about the key.
_MODERATED = re.compile(r"\bmoderat|\bflagged\b|content[ _-]?(filter|policy)", re.IGNORECASE)
_SHOWN = 500  # characters of an endpoint's own words


def error_for(
    status: int, said: str, *, words: tuple[str, ...] = (), retry_after: float | None = None
) -> CallError:
    """Return the exception for a status; `words` are the codes that the endpoint gave with it."""
    if status == 403 and _MODERATED.search(" ".join((said, *words))):
        return Permanent(_sentence("the text was refused", status, said), status=status)
    fatal = _FATAL.get(status) or next((_FATAL_WORDS[w] for w in words if w in _FATAL_WORDS), None)
    if fatal is None and _says_no_such_model(status, said):
        fatal = _FATAL_WORDS["model_not_found"]
    if fatal is not None:
        return Permanent(_sentence(fatal[1], status, said), status=status, fatal=fatal[0])
    if status in _TRANSIENT or status >= 500:
        text = _sentence("the endpoint is not able to answer", status, said)
        return Transient(text, status=status, retry_after=retry_after)
    return Permanent(_sentence("the request was refused", status, said), status=status)


def _says_no_such_model(status: int, said: str) -> bool:
    if status == 404 and _NO_SUCH_MODEL.search(said):
        return True
    return status in (400, 404) and _NO_MODEL_NAME.search(said) is not None


def seconds(
    retry_after: str | None, now: datetime | None = None, *, sent: str | None = None
) -> float | None:
    """Return how long a Retry-After header asks to wait: it holds seconds or a date.

    A date counts from `sent`, the Date header of the same answer: our own clock may be wrong.
    """
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    date = date_of(retry_after)
    if date is None:
        return None
    since = now or date_of(sent) or datetime.now(UTC)
    return max(0.0, (date - since).total_seconds())


def date_of(text: str | None) -> datetime | None:
    """Return the date of a header, in UTC where it names no zone; None where it is none."""
    try:
        date = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _sentence(what: str, status: int, said: str) -> str:
    shown = " ".join(said.split())[:_SHOWN]
    return f"{what} (status {status}): {shown}" if shown else f"{what} (status {status})"
