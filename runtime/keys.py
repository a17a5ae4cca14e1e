"""Names of results and of records: canonical JSON, and the hashes made of it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from atkc.runtime.flat_prompt import FORM
from atkc.runtime.hosts import is_private, normalised

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def canonical(value: Any) -> bytes:
    """Return the JSON text that is equal for equal values only: `1`, `1.0`, `"1"`, `true` differ.

    Keys of mappings must be strings; raises TypeError for what JSON cannot say.
    """
    try:
        text = orjson.dumps(value, default=_mapping, option=_SORTED)
    except TypeError:
        return _spelt_out(value)
    # orjson writes non-finite numbers as null; only then is a closer look worth its time.
    if b"null" in text and _has_non_finite(value):
        return _spelt_out(value)
    return text


def digest(value: Any) -> bytes:
    """Return the 32-byte SHA-256 of the canonical JSON of a value."""
    return hashlib.sha256(canonical(value)).digest()


def call_seed(
    run_seed: int, messages: Sequence[Mapping[str, Any]] | bytes, sample: int, draw: str = ""
) -> int:
    """Return the seed that a call sends, 0 … 2**31 - 1; messages may be canonical JSON already.

    It knows no model, endpoint or transport: equal calls are equal wherever they occur.
    """
    said = messages if isinstance(messages, bytes) else canonical(messages)
    text = b'["seed",%d,%s,%d,%s]' % (run_seed, said, sample, canonical(draw))
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") >> 1


def call_text(
    *,
    provider: str,
    model: str,
    messages: Sequence[Mapping[str, Any]] | bytes,
    sampling: Mapping[str, Any],
    response_format: Mapping[str, Any] | None,
    seed: int,
    attempt: int,
    revision: str | None = None,
    base_url: str = "",
    generation: int = 0,
    mode: str = "chat",
) -> bytes:
    """Return what a model call's key is the SHA-256 of: all that can change its reply, no more.

    The address counts only where it is private and no revision tells two models of one name apart.
    Messages may be given in canonical JSON already.
    """
    said = messages if isinstance(messages, bytes) else canonical(messages)
    form = b"[]" if response_format is None else canonical(response_format)
    parts = (_model_part(provider, model, revision, base_url), said, canonical(sampling), form)
    tail = b"" if mode == "chat" else b"," + canonical(FORM)
    tail += b",%d" % generation if generation > 0 else b""
    return b'["call",%s,[%s,%s,%s,%d,%d]%s]' % (*parts, seed, attempt, tail)


def text_key(text: bytes) -> bytes:
    """Return the 32-byte key of a model call."""
    return hashlib.sha256(text).digest()


def read_call(text: bytes) -> dict[str, Any]:
    """Return provider, model, messages, sampling, seed and attempt out of a call's text."""
    _, model, request, *_ = json.loads(text.decode("utf-8", "surrogatepass"))
    messages, sampling, _, seed, attempt = request
    told = {"provider": model[0], "model": model[1], "messages": messages}
    return {**told, "sampling": sampling, "seed": seed, "attempt": attempt}


def embedding_key(
    *,
    provider: str,
    model: str,
    text: str,
    dimensions: int | None = None,
    revision: str | None = None,
    base_url: str = "",
    generation: int = 0,
) -> bytes:
    """Return the 32-byte key of a text's vector; of the address holds what `call_text` says."""
    length = () if dimensions is None else dimensions
    rest = canonical((text, length, *_later(generation)))
    whole = b'["embedding",%s,%s' % (_model_part(provider, model, revision, base_url), rest[1:])
    return hashlib.sha256(whole).digest()


def value_key(fingerprint: str, inputs: Any, generation: int = 0) -> bytes:
    """Return the 32-byte key of a costly function's result for the inputs that it reads."""
    return digest(("value", fingerprint, inputs, *_later(generation)))


def source_identity(content: Any, occurrence: int) -> bytes:
    """Return the 16-byte identity of a source record: its content and its number among equals."""
    return digest(("source", content, occurrence))[:16]


def child_identity(parent: bytes, label: str, index: int) -> bytes:
    """Return the 16-byte identity of a child of one record."""
    text = b"child\0%s\0%s\0%d" % (parent, label.encode(), index)
    return hashlib.sha256(text).digest()[:16]


def group_identity(members: Iterable[bytes]) -> bytes:
    """Return the 16-byte identity of a group, whatever order its members came in."""
    return hashlib.sha256(b"group\0" + b"".join(sorted(members))).digest()[:16]


@lru_cache(maxsize=256)
def _model_part(provider: str, model: str, revision: str | None, base_url: str) -> bytes:
    private = base_url and revision is None and is_private(base_url)
    address = normalised(base_url) if private else ""
    return canonical((provider, model, () if revision is None else revision, address))


def _later(generation: int) -> tuple[int, ...]:
    """Return what a generation adds to a key: the first one adds nothing."""
    return (generation,) if generation > 0 else ()


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"`{type(value).__name__}` has no place in JSON")


def _has_non_finite(value: Any) -> bool:
    if isinstance(value, str | int | None):
        return False
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, list | tuple):
        return any(map(_has_non_finite, value))
    return any(map(_has_non_finite, value.values()))


def _spelt_out(value: Any) -> bytes:
    """Return canonical JSON for what orjson refuses: big integers, surrogates, deep nesting."""
    plain = _with_text_keys(value)
    text = json.dumps(
        plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_mapping
    )
    return text.encode("utf-8", "surrogatepass")


def _with_text_keys(value: Any) -> Any:
    """Return the value with plain containers; `json` would turn the key 1 into "1" in silence."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"the key `{key!r}` of a mapping is not text")
        return {key: _with_text_keys(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_text_keys(item) for item in value]
    return value
