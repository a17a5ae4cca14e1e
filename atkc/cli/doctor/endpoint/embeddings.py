"""Embeddings, if asked for with `--embeddings MODEL`."""

from __future__ import annotations

from typing import Any

from atkc.cli.doctor.case import Visit
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.runtime.transport.completion import read_error


async def check(visit: Visit) -> list[Finding]:
    """Ask for one embedding."""
    model = visit.case.embeddings
    if model is None:
        return []
    if not visit.talk.direct or not visit.may_ask:
        return [warning("embeddings were not tried", "add `--probe`; LiteLLM is not asked")]
    answer = await visit.talk.post("/embeddings", {"model": model, "input": ["A short text."]})
    size = _size(answer.data())
    if answer.status == 200 and size:
        return [ok(f"`{model}` gives {size} numbers a text")]
    said = answer.error or read_error(answer.status, answer.content, None).message
    return [problem(f"`{model}` gives no embedding: {said}", "name a model that the endpoint has")]


def _size(data: Any) -> int:
    try:
        return len(data["data"][0]["embedding"])
    except (KeyError, IndexError, TypeError):
        return 0
