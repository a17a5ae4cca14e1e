"""The scorer by vectors: texts are embedded by a model, near ones point the same way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from atkc.compiler.plan import CombineOp
from atkc.runtime.asking import EMBEDDED_AT_ONCE, Embed, Vector
from atkc.runtime.combine.cosine import Cosine
from atkc.runtime.combine.pool import Pool, Query, names
from atkc.runtime.combine.scorers import Found, Scorer
from atkc.runtime.errors import RecordError
from atkc.runtime.stage import Stage
from atkc.runtime.tokens import Ordinal


async def embeddings(stage: Stage, op: CombineOp, pool: Pool) -> Scorer:
    """Return the scorer by vectors, once the pool is embedded.

    A text that the model refuses is nobody's neighbour, which is warned of; if it refuses all of
    the first ones, the run ends. While a part of the pool is missing for lack of a connection,
    nobody knows who is near: then each query fails.
    """
    known = await _embedded_pool(stage, op, pool)
    found = [known.get(text, b"") for text in pool.texts]
    lost = _reasons(found, "transport")
    if lost:
        return _failing(RecordError("transport", f"the pool cannot be embedded: {lost[0]}"))
    if refused := _reasons(found, "refused"):
        message = f"{len(refused)} texts of the pool have no vector: {refused[0]}"
        stage.warn("not-embedded", message)
    vectors = _usable(found)
    _check_sizes(stage, op, vectors)
    index = await stage.in_thread(lambda: Cosine(vectors))

    async def ranked(queries: Sequence[Query]) -> list[Found]:
        known = await _embedded(stage, op, [q.text for q in queries], queries[0].row.ordinal)
        found = [known.get(query.text, b"") for query in queries]
        vectors = _usable(found)
        _check_sizes(stage, op, [*vectors, *index.sample])
        excluded = [pool.of_names(names(q.row.data, q.identity, op)) for q in queries]
        top = op.options["top"]
        near = await stage.in_thread(lambda: index.ranked(vectors, top, excluded))
        pairs = zip(found, near, strict=True)
        return [RecordError(*f) if isinstance(f, tuple) else numbers for f, numbers in pairs]

    return ranked


def _failing(error: RecordError) -> Scorer:
    async def ranked(queries: Sequence[Query]) -> list[Found]:
        return [error for _ in queries]

    return ranked


async def _embedded_pool(stage: Stage, op: CombineOp, pool: Pool) -> dict[str, Vector]:
    """Return the vectors of the pool's texts; the first of them show whether the model can."""
    texts = list(dict.fromkeys(text for text in pool.texts if text.strip()))
    groups = [texts[at : at + EMBEDDED_AT_ONCE] for at in range(0, len(texts), EMBEDDED_AT_ONCE)]
    known: dict[str, Vector] = {}
    for group in groups[:1]:
        known |= await _embedded(stage, op, group)
        refused = _reasons(known.values(), "refused")
        if len(refused) == len(group):
            message = f"the model `{op.model}` embeds nothing: {refused[0]}"
            raise stage.mistake("ATK703", message, "name a model for embeddings")
    async with asyncio.TaskGroup() as tasks:
        done = [tasks.create_task(_embedded(stage, op, group)) for group in groups[1:]]
    for task in done:
        known |= task.result()
    return known


async def _embedded(
    stage: Stage, op: CombineOp, texts: Sequence[str], ordinal: Ordinal = ()
) -> dict[str, Vector]:
    """Return the vectors of texts by text; blank ones have none, and are not sent."""
    sent = tuple(dict.fromkeys(text for text in texts if text.strip()))
    if not sent:
        return {}
    done = await stage.run.caller.embed(Embed(op.model, sent, stage.depth, ordinal))
    stage.tallies["query"].asked(done.calls, done.hits)
    return dict(zip(sent, done.vectors, strict=True))


def _usable(found: Iterable[Vector]) -> list[bytes]:
    return [vector if isinstance(vector, bytes) else b"" for vector in found]


def _reasons(found: Iterable[Vector], kind: str) -> list[str]:
    """Return why texts have no vector, for failures of a kind."""
    return [vector[1] for vector in found if isinstance(vector, tuple) and vector[0] == kind]


def _check_sizes(stage: Stage, op: CombineOp, vectors: Iterable[bytes]) -> None:
    sizes = sorted({len(vector) // 4 for vector in vectors if vector})
    if len(sizes) > 1:
        shown = " and ".join(map(str, sizes))
        message = f"the model `{op.model}` gave vectors of {shown} numbers, which do not compare"
        hint = f"if another model answers there now, give `{op.model}` a `revision`"
        raise stage.mistake("ATK703", message, hint)
