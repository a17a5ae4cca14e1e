"""The model server in a process of its own."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.request import ProxyHandler, build_opener

from msgspec import Struct

from atkc.runtime.errors import UsageError

_LOCAL = build_opener(ProxyHandler({}))  # a proxy of the environment is not for this machine
_LONGEST = 10.0  # seconds until what a killed process had sent has been dealt with
_PAUSE = 0.01


class Paid(NamedTuple):
    """Completions and embedded texts, as a provider would have charged for them."""

    calls: int
    texts: int

    def plus(self, other: Paid) -> Paid:
        """Return the sum, each by itself."""
        return Paid(self.calls + other.calls, self.texts + other.texts)

    def within(self, other: Paid) -> Paid:
        """Return the lesser, each by itself."""
        return Paid(min(self.calls, other.calls), min(self.texts, other.texts))

    def minus(self, other: Paid) -> Paid:
        """Return the difference, each by itself."""
        return Paid(self.calls - other.calls, self.texts - other.texts)


NOTHING = Paid(0, 0)


class Seen(NamedTuple):
    """What an endpoint has seen so far, faults apart."""

    asked: Paid
    distinct: Paid
    open: Paid  # not answered yet
    recent: Paid  # answered within the last second
    abandoned: Paid  # not waited for

    @property
    def repeated(self) -> Paid:
        """Return how much was asked for that had been asked for before."""
        return self.asked.minus(self.distinct)


class Endpoint(Struct, frozen=True):
    """A server that runs."""

    url: str

    def seen(self) -> Seen:
        """Return what the server has seen."""
        with _LOCAL.open(self.url.removesuffix("/v1") + "/stats", timeout=_LONGEST) as answer:
            told: dict[str, Any] = json.load(answer)
        both = told["asked"]["calls"], told["asked"]["texts"]
        return Seen(*(Paid(*(of[name] for of in both)) for name in Seen._fields))

    def settled(self) -> Seen:
        """Return what the server has seen once nobody waits for an answer any more."""
        end = time.monotonic() + _LONGEST
        before = self.seen().asked
        while time.monotonic() < end:
            time.sleep(_PAUSE)
            now = self.seen()
            if now.open == NOTHING and now.asked == before:
                return now
            before = now.asked
        raise TimeoutError("the endpoint still answers a process that has ended")


@contextmanager
def serving(atkc: Sequence[str], words: Sequence[str], port: int = 0) -> Iterator[Endpoint]:
    """Serve within the block; port 0 takes a free one."""
    counting = ["--count-repeats", "--any-model", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603  # atkc itself
        [*atkc, "serve-model", *counting, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().decode().strip()
        if not url:
            raise UsageError("the model server did not start; see above")
        yield Endpoint(url)
    finally:
        process.terminate()
        try:
            process.wait(_LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
