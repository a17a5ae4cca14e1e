"""All checks, in the order in which they are made. A check of your own: a file and a line here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from atkc.cli.doctor.case import Case, Seat, Visit
from atkc.cli.doctor.endpoint import access, address, embeddings, key
from atkc.cli.doctor.finding import Finding
from atkc.cli.doctor.machine import cache, disk, hub, ocr, versions
from atkc.cli.doctor.model import (
    answer,
    context,
    formats,
    known,
    length,
    reasoning,
    seed,
    stop,
    usage,
)

T = TypeVar("T")


class Row(Struct, Generic[T], frozen=True):
    """A check; after a problem in a `gate` the rest of its endpoint or model is left out."""

    name: str
    check: Callable[[T], Awaitable[Iterable[Finding]]]
    gate: bool = False
    asks: bool = False  # asks for a completion: only where that may be done


MACHINE: tuple[Row[Case], ...] = (
    Row("versions", versions.check),
    Row("disk", disk.check),
    Row("cache", cache.check),
    Row("ocr", ocr.check),
    Row("hub", hub.check),
)

ENDPOINT: tuple[Row[Visit], ...] = (
    Row("key", key.check, gate=True),
    Row("address", address.check, gate=True),
    Row("access", access.check, gate=True),
    Row("embeddings", embeddings.check),
)

MODEL: tuple[Row[Seat], ...] = (
    Row("model", known.check, gate=True),
    Row("answer", answer.check, gate=True, asks=True),
    Row("seed", seed.check, gate=True, asks=True),
    Row("reasoning", reasoning.check, asks=True),
    Row("usage", usage.check, asks=True),
    Row("context", context.check),
    Row("length", length.check, asks=True),
    Row("stop", stop.check, asks=True),
    Row("json", formats.check_json, asks=True),
    Row("schema", formats.check_schema, asks=True),
)
