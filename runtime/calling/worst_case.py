"""The most that a call can cost, and what it did cost."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.calling.caps import Caps, longest_reply
from atkc.runtime.errors import CallError, StopRun, Unreachable
from atkc.runtime.modelspec import ModelSpec
from atkc.spec.diagnostic import Diagnostic

_TOKENS_PER_MESSAGE = 16  # what a chat format adds around a message, at most
_TOKENS_PER_CHAT = 256  # what it adds once: some have a system message of their own


class Reserved(Struct, frozen=True):
    """What a call may cost at worst; None where no cap needs it."""

    money: float | None = None
    tokens: int | None = None


def cost(
    reserved: Reserved,
    spec: ModelSpec,
    reply: Reply | Embeddings | None,
    error: BaseException | None,
) -> tuple[float, int]:
    """Return money and tokens that a call counts for."""
    if reply is not None:
        used = reply.prompt_tokens + reply.completion_tokens
        if used > 0:
            return spec.money(reply.prompt_tokens, reply.completion_tokens) or 0.0, used
    if isinstance(error, Unreachable):
        return 0.0, 0
    if isinstance(error, CallError) and error.status is not None and error.status >= 300:
        return 0.0, 0
    return reserved.money or 0.0, reserved.tokens or 0


def worst_case(spec: ModelSpec, request: Request | EmbeddingRequest, caps: Caps) -> Reserved:
    """Return the most that a call can cost: no tokenizer makes more tokens than there are bytes.

    Raises StopRun (ATK704) where the price or the length of a reply has no bound: `caps.unbounded`
    tells so before the run starts.
    """
    asked = _most_tokens(request)
    vectors = isinstance(request, EmbeddingRequest)
    replied = 0 if isinstance(request, EmbeddingRequest) else longest_reply(request.sampling)
    money = None
    if caps.max_usd is not None:
        if spec.price_in is None or (spec.price_out is None and not vectors):
            raise stopped_by(
                f"the price of the model `{spec.name}` (`{spec.model}`) is not known",
                caps.origin("max_usd"),
                f"set `price_in` and `price_out` of `{spec.name}`, or leave out the cap",
            )
        if replied is None and spec.price_out:
            raise _endless(spec, caps.origin("max_usd"))
        money = spec.money(asked, replied or 0) or 0.0
    if caps.max_tokens is None:
        return Reserved(money)
    if replied is None:
        raise _endless(spec, caps.origin("max_tokens"))
    return Reserved(money, asked + replied)


def _endless(spec: ModelSpec, origin: str) -> StopRun:
    return stopped_by(
        f"the replies of the model `{spec.name}` may be of any length",
        origin,
        f"set `max_tokens` in the sampling of `{spec.name}`",
    )


def _most_tokens(request: Request | EmbeddingRequest) -> int:
    if isinstance(request, EmbeddingRequest):
        return _texts_size(request.texts) + _TOKENS_PER_MESSAGE * len(request.texts)
    form = _texts_size([request.response_format]) if request.response_format else 0
    messages = sum(_texts_size(m.values()) + _TOKENS_PER_MESSAGE for m in request.messages)
    return _TOKENS_PER_CHAT + form + messages


def _texts_size(values: Iterable[object]) -> int:
    return sum(len(str(value).encode("utf-8", "replace")) for value in values)


def stopped_by(message: str, origin: str, hint: str | None = None) -> StopRun:
    """Return what ends a run at a cap (ATK704); `origin` names where that was set."""
    hint = hint or f"caps hold for one run each: run again to go on from here, or raise {origin}"
    return StopRun(Diagnostic("ATK704", message, help=hint))
