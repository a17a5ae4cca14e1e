"""The request for vectors, and what an endpoint's answer to it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from atkc.runtime.api import EmbeddingRequest, Embeddings
from atkc.runtime.errors import Transient
from atkc.runtime.transport.completion import read_object, read_without, token_count

_LARGEST = 3.4e38  # what 32 bits hold


def embedding_body(request: EmbeddingRequest) -> dict[str, Any]:
    """Return the JSON body of a request for embeddings."""
    body = {"model": request.model, "input": list(request.texts), "encoding_format": "float"}
    return body if request.dimensions is None else {**body, "dimensions": request.dimensions}


def read_embeddings(content: bytes, texts: int) -> Embeddings:
    """Return the vectors in the body of a 200; raises Transient where they are not all there."""
    data = read_object(content)
    rows, usage = data.get("data"), data.get("usage")
    if not isinstance(rows, list):
        raise read_without(data, content, "vectors")
    used = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return Embeddings(in_order(rows, texts), str(data.get("model") or ""), token_count(used))


def in_order(rows: Sequence[Any], texts: int) -> tuple[tuple[float, ...], ...]:
    """Return the vectors of `{index, embedding}` rows by their index.

    Raises Transient unless there is one of finite numbers for each text.
    """
    found = {_index(row, at): _vector(row) for at, row in enumerate(rows)}
    if len(rows) != texts or found.keys() != set(range(texts)) or not all(found.values()):
        right = sum(1 for vector in found.values() if vector)
        text = f"the endpoint sent {right} usable vectors for {texts} texts"
        raise Transient(text, status=200)
    return tuple(found[index] for index in range(texts))


def _index(row: Any, at: int) -> Any:
    """Return which text a row belongs to; rows that do not say so stand in the order of texts."""
    return row.get("index", at) if isinstance(row, dict) else at


def _vector(row: Any) -> tuple[float, ...]:
    """Return a row's vector, an empty one where it holds none."""
    numbers = row.get("embedding") if isinstance(row, dict) else None
    if not isinstance(numbers, list) or not all(map(_is_number, numbers)):
        return ()
    return tuple(map(float, numbers))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < _LARGEST
