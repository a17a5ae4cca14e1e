"""The context length, where the server tells it, against the longest request of the plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from atkc.cli.doctor.case import Seat
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.cli.doctor.model.known import known

# How servers call it in a row of the list of models: vLLM; OpenRouter and others; Groq; Mistral.
_KEYS = ("max_model_len", "context_length", "context_window", "max_context_length")
_FIX = "give the server a longer context, or make chunks and `max_tokens` smaller"


async def check(seat: Seat) -> list[Finding]:
    """Compare; the lengths of requests are estimates, as in `atkc plan`."""
    length = await told_length(seat)
    if length is None:
        return []
    usual, high = seat.need
    said = f"{length:,} tokens; the longest request is about {usual:,}, {high:,} at most"
    if usual > length:
        return [problem(said, _FIX)]
    return [warning(said, _FIX) if high > length else ok(said)]


async def told_length(seat: Seat) -> int | None:
    """Return the context length in tokens, None where the server does not tell it."""
    row = _row(seat)
    if row is None:
        return None
    found = next((row[k] for k in _KEYS if isinstance(row.get(k), int)), None)
    other = _ELSEWHERE.get(str(row.get("owned_by")))
    return found if found or other is None else await other(seat)


def _row(seat: Seat) -> Mapping[str, Any] | None:
    rows = seat.visit.listed or []
    named = [r for r in rows if known(seat.spec.model, [str(r.get("id"))])]
    if named:
        return named[0]
    return rows[0] if len(rows) == 1 else None  # llama.cpp answers to every name


async def _of_llamacpp(seat: Seat) -> int | None:
    """Return the context of one slot."""
    data = (await seat.visit.talk.get(f"{seat.visit.talk.root}/props")).data()
    settings = data.get("default_generation_settings") if isinstance(data, dict) else None
    length = settings.get("n_ctx") if isinstance(settings, dict) else None
    return length if isinstance(length, int) else None


async def _of_ollama(seat: Seat) -> int | None:
    """Return the context with which the model is loaded, which its first answer saw to."""
    data = (await seat.visit.talk.get(f"{seat.visit.talk.root}/api/ps")).data()
    rows = data.get("models") if isinstance(data, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if known(seat.spec.model, [str(row.get("name"))]):
            length = row.get("context_length")
            return length if isinstance(length, int) else None
    return None


# By `owned_by` in the list of models: servers that tell the length at another place.
_ELSEWHERE: Mapping[str, Callable[[Seat], Awaitable[int | None]]] = {
    "llamacpp": _of_llamacpp,
    "library": _of_ollama,
}
