"""The protocol's shapes for embeddings: what a request must be, and how vectors are sent."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from msgspec import Struct

from atkc.runtime.api import Embeddings
from atkc.stdlib.model_server.wire import BadRequest, read_body, read_model

_ENCODINGS = ("float", "base64")
_MOST_TEXTS = 2048
_MOST_DIMENSIONS = 16_384


class EmbeddingsAsked(Struct, frozen=True):
    """What of a request matters here; `body` is all of it."""

    model: str
    texts: tuple[str, ...]
    dimensions: int | None
    encoding: str
    body: Mapping[str, Any]


def read_embedding_request(content: bytes) -> EmbeddingsAsked:
    """Return the request in a body; raises BadRequest."""
    body = read_body(content)
    encoding = body.get("encoding_format") or "float"
    if encoding not in _ENCODINGS:
        raise BadRequest("`encoding_format` must be float or base64", "encoding_format")
    dimensions = body.get("dimensions")
    if dimensions is not None and (
        type(dimensions) is not int or not 1 <= dimensions <= _MOST_DIMENSIONS
    ):
        text = f"`dimensions` must be an integer from 1 to {_MOST_DIMENSIONS}"
        raise BadRequest(text, "dimensions")
    return EmbeddingsAsked(read_model(body), _texts(body.get("input")), dimensions, encoding, body)


def embeddings(found: Embeddings, asked: EmbeddingsAsked) -> bytes:
    """Return the body of an answer."""
    encode = _base64 if asked.encoding == "base64" else list
    rows = [
        {"object": "embedding", "index": index, "embedding": encode(vector)}
        for index, vector in enumerate(found.vectors)
    ]
    usage = {"prompt_tokens": found.prompt_tokens, "total_tokens": found.prompt_tokens}
    told = {"object": "list", "data": rows, "model": asked.model, "usage": usage}
    return orjson.dumps(told)


def _texts(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not 1 <= len(texts) <= _MOST_TEXTS:
        raise BadRequest(f"`input` must be a text or a list of 1 to {_MOST_TEXTS}", "input")
    if not all(isinstance(text, str) and text for text in texts):
        raise BadRequest("each `input` must be a text that is not empty", "input")
    return tuple(texts)


def _base64(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")
