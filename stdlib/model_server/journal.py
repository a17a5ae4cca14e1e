"""What was asked how often: tells what a client paid for twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import orjson

from atkc.stdlib.model_server.wire import ChatRequest
from atkc.stdlib.model_server.wire_embeddings import EmbeddingsAsked


@dataclass(slots=True)
class Tally:
    """How much was asked for, how much of it for the first time, and the most at once."""

    asked: int = 0
    distinct: int = 0
    largest: int = 0


@dataclass(slots=True)
class Journal:
    """Counts completions by their whole request and embeddings by each text.

    A request counts when it arrives and no fault keeps it from an answer: from then on a provider
    would charge for it, whether or not the client lives to read the answer.
    """

    calls: Tally = field(default_factory=Tally)
    texts: Tally = field(default_factory=Tally)
    _seen: set[bytes] = field(default_factory=set)

    def note(self, asked: ChatRequest | EmbeddingsAsked) -> None:
        """Count a request."""
        if isinstance(asked, ChatRequest):
            self._count(self.calls, [orjson.dumps(asked.body, option=orjson.OPT_SORT_KEYS)])
            return
        about = [asked.model, asked.dimensions]
        self._count(self.texts, [orjson.dumps([*about, text]) for text in asked.texts])

    def told(self) -> dict[str, dict[str, int]]:
        """Return the counts as /stats has them."""
        both = {"calls": self.calls, "texts": self.texts}
        return {
            name: {"asked": t.asked, "distinct": t.distinct, "largest": t.largest}
            for name, t in both.items()
        }

    def _count(self, tally: Tally, contents: list[bytes]) -> None:
        tally.asked += len(contents)
        tally.largest = max(tally.largest, len(contents))
        for content in contents:
            name = hashlib.sha256(content).digest()[:16]
            tally.distinct += name not in self._seen
            self._seen.add(name)
