"""A model whose replies follow from the request alone, and what may befall its calls."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.errors import Permanent, Transient
from atkc.runtime.keys import canonical


def _nothing() -> None:
    """Do nothing."""


@dataclass(slots=True)
class Weather:
    """What befalls calls: a share fails, and at one of them something happens."""

    share: float = 0.0
    seed: int = 0
    at: int = -1
    happens: Callable[[], None] = _nothing
    calls: int = 0
    chance: random.Random = field(default_factory=random.Random)

    def meet(self) -> None:
        """Let the next call pass, or raise Transient."""
        self.calls += 1
        if self.calls == self.at:
            self.happens()
        if self.chance.random() < self.share:
            raise Transient("the connection broke")


class Model:
    """Answers requests out of order; three in ten replies are no good, some are refused."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather

    async def complete(self, request: Request) -> Reply:
        """Return the reply of this request."""
        await self._wait()
        self._weather.meet()
        said = canonical([request.model, request.messages, request.sampling, request.seed])
        number = int.from_bytes(hashlib.sha256(said).digest()[:6], "big")
        task = next(m["content"] for m in request.messages if m["role"] == "user").split()[0]
        if number % 61 == 0 and task != "#SUM":
            raise Permanent("too long", status=400)
        text, reason = REPLIES[task](number)
        return Reply(text, reason, prompt_tokens=5, completion_tokens=3)

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return vectors of the texts."""
        await self._wait()
        self._weather.meet()
        hashes = [hashlib.sha256(text.encode()).digest() for text in request.texts]
        return Embeddings(tuple(tuple(float(b) for b in found[:6]) for found in hashes))

    async def close(self) -> None:
        """Close nothing."""

    async def _wait(self) -> None:
        for _ in range(self._weather.chance.choice((0, 0, 1, 3, 9))):
            await asyncio.sleep(0)


def _judged(number: int) -> tuple[str, str]:
    words = ("GOOD",) * 7 + ("BAD",) * 2 + ("who knows",)
    return f"Final judgment: {words[number % 10]}", "stop"


def _asked(number: int) -> tuple[str, str]:
    if number % 10 == 0:
        return "%% qwx", "stop"
    answer = f"{'!' if number % 10 == 1 else 'word'}{number % 1009} w{number % 13}"
    return json.dumps({"answer": answer}), "length" if number % 10 == 2 else "stop"


REPLIES: dict[str, Callable[[int], tuple[str, str]]] = {
    "#JUDGE": _judged,
    "#ASK": _asked,
    "#SUM": lambda number: (f"sum {number}", "stop"),
}
