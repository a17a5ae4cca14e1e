"""What an endpoint says is left of its limits, in the headers of its answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from msgspec import Struct

from atkc.runtime.transport.statuses import date_of, seconds

LONGEST_WAIT = 600.0  # seconds, whatever an endpoint asks for
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|d|h|m|s)")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


class Left(Struct, frozen=True):
    """What is left of one limit, until it is whole again in so many seconds."""

    count: int
    most: int
    seconds: float


class Quota(Struct, frozen=True):
    """What is left of requests and of tokens; None where the endpoint does not say."""

    requests: Left | None = None
    tokens: Left | None = None

    def calls(self, tokens: float) -> Left | None:
        """Return how many calls of so many tokens are left, by the scarcer of both."""
        found = [] if self.requests is None else [self.requests]
        if self.tokens is not None:
            each, left = max(tokens, 1.0), self.tokens
            found.append(Left(int(left.count / each), int(left.most / each), left.seconds))
        return min(found, key=lambda left: left.count, default=None)


@runtime_checkable
class Telling(Protocol):
    """A transport that hears of quotas and tells who wants to know."""

    heard: Callable[[Quota], None] | None


# (remaining, limit, reset) of requests and of tokens, as OpenAI and those like it name them, and as
# Anthropic does.
_NAMES = (
    (
        "x-ratelimit-remaining-requests",
        ("x-ratelimit-limit-requests", "x-ratelimit-reset-requests"),
        "x-ratelimit-remaining-tokens",
        ("x-ratelimit-limit-tokens", "x-ratelimit-reset-tokens"),
    ),
    (
        "anthropic-ratelimit-requests-remaining",
        ("anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-reset"),
        "anthropic-ratelimit-tokens-remaining",
        ("anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-reset"),
    ),
)


def read_quota(headers: Mapping[str, str], prefix: str = "") -> Quota | None:
    """Return what the headers of an answer say is left, None where they say nothing of it."""
    for requests, about_requests, tokens, about_tokens in _NAMES:
        calls_left, tokens_left = headers.get(prefix + requests), headers.get(prefix + tokens)
        if calls_left is None and tokens_left is None:
            continue
        when = headers.get("Date") or headers.get(f"{prefix}date")
        found = [
            _left(remaining, headers.get(prefix + limit), headers.get(prefix + reset), when)
            for remaining, (limit, reset) in (
                (calls_left, about_requests),
                (tokens_left, about_tokens),
            )
        ]
        return Quota(*found) if any(found) else None
    return None


def wait_of(headers: Mapping[str, str], prefix: str = "") -> float | None:
    """Return how many seconds an answer asks to wait: by `retry-after-ms`, else `Retry-After`,
    else until what is used up is whole again."""
    exact = _number(headers.get(f"{prefix}retry-after-ms"))
    if exact is not None:
        return exact / 1000
    sent = headers.get("Date") or headers.get(f"{prefix}date")
    told = seconds(headers.get(f"{prefix}retry-after"), sent=sent)
    if told is not None:
        return told
    left = (read_quota(headers, prefix) or Quota()).calls(1.0)
    return left.seconds if left is not None and left.count < 1 else None


def duration(text: str, now: datetime | None = None) -> float | None:
    """Return the seconds in `1s`, `6m0s`, `250ms`, a bare number, or until a date of ISO 8601."""
    number = _number(text)
    if number is not None:
        return number
    parts = _PART.findall(text)
    if parts and "".join(f"{many}{unit}" for many, unit in parts) == text.strip():
        return sum(float(many) * _UNITS[unit] for many, unit in parts)
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def _left(
    remaining: str | None, limit: str | None, reset: str | None, when: str | None
) -> Left | None:
    """Return what is left; None where it is not said, or not until when."""
    count = _number(remaining)
    if count is None or not reset:
        return None
    # The endpoint's own clock counts: ours may be wrong.
    until = duration(reset, date_of(when))
    most = _number(limit)
    return None if until is None else Left(int(count), int(count if most is None else most), until)


def _number(text: str | None) -> float | None:
    """Return a number that is finite and not negative."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
