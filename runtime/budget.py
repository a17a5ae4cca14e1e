"""The caps of one invocation: the worst case of a call is reserved before it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.errors import CallError, StopRun, Unreachable
from atkc.runtime.modelspec import ModelSpec
from atkc.spec.diagnostic import Diagnostic

_BYTES_PER_MESSAGE = 16  # what a chat format adds around a message, as tokens at most
_LENGTH_KEYS = ("max_completion_tokens", "max_tokens")


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a call may cost at worst; None where no price is known and no cap needs one."""

    money: float | None


class Budget:
    """Counts calls sent and money; never lets either cross its cap. None: no cap."""

    def __init__(self, max_calls: int | None = None, max_usd: float | None = None) -> None:
        self.max_calls = max_calls
        self.max_usd = max_usd
        self.calls = 0  # sent, including those in flight
        self.spent = 0.0  # settled
        self._reserved = 0.0

    def reserve(self, spec: ModelSpec, request: Request | EmbeddingRequest) -> Reserved:
        """Set a call's worst case aside; raises StopRun (ATK704) where a cap would be crossed."""
        if self.max_calls is not None and self.calls >= self.max_calls:
            raise _stop(f"the cap of {self.max_calls} model calls is reached", "--max-calls")
        money = None
        if self.max_usd is not None:
            money = worst_case(spec, request)
            if self.spent + self._reserved + money > self.max_usd:
                raise _stop(f"the next call could cross the cap of ${self.max_usd:g}", "--max-usd")
            self._reserved += money
        self.calls += 1
        return Reserved(money)

    def settle(
        self,
        reserved: Reserved,
        spec: ModelSpec,
        reply: Reply | Embeddings | None,
        error: BaseException | None = None,
    ) -> float:
        """Turn a reservation into what the call did cost and return that.

        A reply without usage, a time-out and a cancelled call count at their worst case; a call
        that was refused with a status costs nothing; one that was never sent is no call.
        """
        self._reserved -= reserved.money or 0.0
        money = self._cost(reserved, spec, reply, error)
        self.spent += money
        if isinstance(error, Unreachable):
            self.calls -= 1
        return money

    def _cost(
        self,
        reserved: Reserved,
        spec: ModelSpec,
        reply: Reply | Embeddings | None,
        error: BaseException | None,
    ) -> float:
        if reply is not None and reply.prompt_tokens + reply.completion_tokens > 0:
            return spec.money(reply.prompt_tokens, reply.completion_tokens) or 0.0
        if isinstance(error, Unreachable):
            return 0.0
        if isinstance(error, CallError) and error.status is not None and error.status >= 300:
            return 0.0
        return reserved.money or 0.0


def worst_case(spec: ModelSpec, request: Request | EmbeddingRequest) -> float:
    """Return the most that a call can cost: no tokenizer makes more tokens than there are bytes.

    Raises StopRun (ATK704) where the price or the length of a reply has no bound.
    """
    if isinstance(request, EmbeddingRequest):
        money = spec.money(_most_tokens(request), 0)
        if money is None:
            raise _unpriced(spec, "`price_in`")
        return money
    if spec.price_in is None or spec.price_out is None:
        raise _unpriced(spec, "`price_in` and `price_out`")
    longest = next((request.sampling[key] for key in _LENGTH_KEYS if key in request.sampling), None)
    if longest is None and spec.price_out > 0:
        raise _stop(
            f"the replies of the model `{spec.name}` may be of any length",
            "--max-usd",
            f"set `max_tokens` in the sampling of `{spec.name}`",
        )
    return spec.money(_most_tokens(request), int(longest or 0)) or 0.0


def _unpriced(spec: ModelSpec, prices: str) -> StopRun:
    return _stop(
        f"the price of the model `{spec.name}` (`{spec.model}`) is not known",
        "--max-usd",
        f"set {prices} of `{spec.name}`, or leave out `--max-usd`",
    )


def _most_tokens(request: Request | EmbeddingRequest) -> int:
    if isinstance(request, EmbeddingRequest):
        return _texts_size(request.texts) + _BYTES_PER_MESSAGE * len(request.texts)
    form = _texts_size([request.response_format]) if request.response_format else 0
    return form + sum(_texts_size(m.values()) + _BYTES_PER_MESSAGE for m in request.messages)


def _texts_size(values: Iterable[object]) -> int:
    return sum(len(str(value).encode("utf-8", "replace")) for value in values)


def _stop(message: str, option: str, hint: str | None = None) -> StopRun:
    hint = hint or f"run again with a higher `{option}` to go on from here"
    return StopRun(Diagnostic("ATK704", message, help=hint))
