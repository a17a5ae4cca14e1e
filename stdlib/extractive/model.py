"""The model `atkc/extractive`: a reply from messages, response format and seed alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.errors import Permanent
from atkc.stdlib.extractive.answering import reply_to
from atkc.stdlib.extractive.embedding import DIMENSIONS, vector_of
from atkc.stdlib.extractive.intents import intent_of
from atkc.stdlib.extractive.reading import last_user, read, text_of, tidy
from atkc.stdlib.extractive.tasks import Task
from atkc.stdlib.extractive.wanted import (
    Wanted,
    from_contract,
    from_schema,
    guessed,
    split_instructions,
)

NAMES = ("extractive", "atkc/extractive")


def _wanted(
    task: str, contract: Any, response_format: Mapping[str, Any] | None, request: str
) -> Wanted:
    """Return the form asked for: the instructions', put into the response format's frame if any."""
    told = from_contract(contract) if contract is not None else None
    if told and 'whose key "items"' in task:
        told = replace(told, wrapper="items")
    kind = response_format.get("type") if response_format else None
    if kind == "json_schema" and response_format:
        given = response_format.get("json_schema") or {}
        schema = given.get("schema") or given
        framed = from_schema(schema)
        if told is None or told.form != "json":
            return framed
        return replace(told, wrapper=framed.wrapper)
    if told is not None:
        return told
    found = guessed(request)
    if kind == "json_object" and found.form != "json":
        return replace(found, form="json")
    return found


def _task_text(messages: Sequence[Mapping[str, Any]]) -> tuple[str, Any, str]:
    """Return (task, contract, the message as it was): the last user message with instructions."""
    users = [tidy(text_of(m)) for m in messages if m.get("role") == "user"]
    for text in reversed(users):
        task, contract = split_instructions(text)
        if contract is not None:
            return task, contract, text
    whole = tidy(last_user(messages))
    return whole, None, whole


def complete(
    messages: Sequence[Mapping[str, Any]],
    response_format: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Reply:
    """Return the reply; equal arguments give equal replies. A token is four characters."""
    task, contract, whole = _task_text(messages)
    found = read(messages, task)
    wanted = _wanted(whole, contract, response_format, found.request)
    text = reply_to(Task(found, wanted, intent_of(found, wanted), seed))
    sent = sum(len(text_of(m)) for m in messages)
    return Reply(text, "stop", NAMES[1], -(-sent // 4), -(-len(text) // 4))


def embed(texts: Sequence[str], dimensions: int | None = None) -> Embeddings:
    """Return the vectors of texts; equal texts have equal ones. A token is four characters."""
    vectors = tuple(vector_of(text, dimensions or DIMENSIONS) for text in texts)
    return Embeddings(vectors, NAMES[1], sum(-(-len(text) // 4) for text in texts))


class ExtractiveTransport:
    """Answers requests for `atkc/extractive` in place."""

    async def complete(self, request: Request) -> Reply:
        """Return the reply; raises `Permanent` (ATK702) for another model's name."""
        _refuse_others(request.model)
        return complete(request.messages, request.response_format, request.seed)

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the vectors; raises as `complete` does."""
        _refuse_others(request.model)
        return embed(request.texts, request.dimensions)

    async def close(self) -> None:
        """Release nothing: there is no connection."""


def _refuse_others(model: str) -> None:
    if model not in NAMES:
        raise Permanent(f"`{model}` is not `{NAMES[1]}`", status=404, fatal="ATK702")
