"""What was asked how often: what a client paid for twice, and what it may not have kept yet."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from msgspec import Struct, field
from msgspec.structs import asdict

from atkc.stdlib.model_server.wire import ChatRequest
from atkc.stdlib.model_server.wire_embeddings import EmbeddingsAsked

RECENT = 1.0  # seconds


class Tally(Struct):
    """How much was asked for: completions, or texts to embed."""

    asked: int = 0
    distinct: int = 0
    open: int = 0  # not answered yet
    recent: int = 0  # answered within the last second
    abandoned: int = 0  # the client went away before the answer
    _sent: deque[tuple[float, int]] = field(default_factory=deque)

    def answered(self, count: int) -> None:
        """Note an answer."""
        self._sent.append((time.monotonic(), count))
        self.recent += count
        self.forget()

    def forget(self) -> None:
        """Let go of answers that are not recent any more."""
        while self._sent and self._sent[0][0] < time.monotonic() - RECENT:
            self.recent -= self._sent.popleft()[1]


class Journal(Struct):
    """Counts completions by their whole request and embeddings by each text.

    A request counts when it arrives and no fault keeps it from an answer: from then on a provider
    would charge for it, whether or not the client lives to read the answer.
    """

    calls: Tally = field(default_factory=Tally)
    texts: Tally = field(default_factory=Tally)
    _seen: set[bytes] = field(default_factory=set)

    @contextmanager
    def answering(self, asked: ChatRequest | EmbeddingsAsked) -> Iterator[None]:
        """Count a request that is answered within the block."""
        tally, contents = self._contents(asked)
        count = len(contents)
        tally.asked += count
        tally.open += count
        for content in contents:
            name = hashlib.sha256(content).digest()[:16]
            tally.distinct += name not in self._seen
            self._seen.add(name)
        try:
            yield
        except BaseException:
            tally.abandoned += count
            raise
        else:
            tally.answered(count)
        finally:
            tally.open -= count

    def told(self) -> dict[str, dict[str, Any]]:
        """Return the counts as /stats has them."""
        for tally in (self.calls, self.texts):
            tally.forget()
        return {"calls": _shown(self.calls), "texts": _shown(self.texts)}

    def _contents(self, asked: ChatRequest | EmbeddingsAsked) -> tuple[Tally, list[bytes]]:
        if isinstance(asked, ChatRequest):
            return self.calls, [orjson.dumps(asked.body, option=orjson.OPT_SORT_KEYS)]
        about = [asked.model, asked.dimensions]
        return self.texts, [orjson.dumps([*about, text]) for text in asked.texts]


def _shown(tally: Tally) -> dict[str, int]:
    return {name: value for name, value in asdict(tally).items() if not name.startswith("_")}
