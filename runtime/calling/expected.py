"""How many tokens a call will be about: for rates and for time limits."""

from __future__ import annotations

from atkc.runtime.api import EmbeddingRequest, Request

_CHARACTERS_PER_TOKEN = 4
_REPLY_TOKENS = 256  # of a reply, where no length is set; corrected afterwards


def prompt_tokens(request: Request | EmbeddingRequest) -> int:
    """Return about how many tokens go out."""
    if isinstance(request, EmbeddingRequest):
        return sum(map(len, request.texts)) // _CHARACTERS_PER_TOKEN
    characters = sum(len(str(message.get("content") or "")) for message in request.messages)
    return characters // _CHARACTERS_PER_TOKEN


def longest_reply(request: Request | EmbeddingRequest) -> int | None:
    """Return the most tokens that may come back, None where that is not set."""
    if isinstance(request, EmbeddingRequest):
        return 0
    sampling = request.sampling
    longest = sampling.get("max_completion_tokens") or sampling.get("max_tokens")
    return int(longest) if isinstance(longest, int | float) else None


def expected_tokens(request: Request | EmbeddingRequest) -> int:
    """Return about how many tokens a call will use."""
    longest = longest_reply(request)
    return prompt_tokens(request) + min(
        _REPLY_TOKENS if longest is None else longest, _REPLY_TOKENS
    )
