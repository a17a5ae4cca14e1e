"""What the standard library says of its words, for the compiler to type and the runtime to run.

The compiler and the runtime are handed a `Library`; they never import the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from atkc.spec.rowtype import Record, Type

REQUIRED: Any = object()  # an option without a default


class Option(Struct, frozen=True):
    """One setting under `with:`; `minimum` bounds a number."""

    type: Type
    default: Any = REQUIRED
    minimum: float | None = None
    description: str = ""


class Shape(Struct, frozen=True):
    """What a function does to the fields of a record, once its options are known."""

    reads: Record = field(default_factory=Record)
    adds: Record = field(default_factory=Record)
    removes: frozenset[str] = frozenset()


class ShapeError(Struct, frozen=True):
    """Why options and record do not go together; `option` is the one to underline."""

    message: str
    option: str | None = None
    help: str | None = None


# (options with defaults filled in, type of the incoming record) -> shape or error
Shaper = Callable[[Mapping[str, Any], Record], Shape | ShapeError]


class FunctionSignature(Struct, frozen=True):
    """A step function of `map: apply:`; `version` grows whenever its results change."""

    name: str
    version: int
    shape: Shaper
    options: Mapping[str, Option] = field(default_factory=dict)
    cardinality: str = "1:1"  # "1:1", "1:n" or "filter"
    identity: str = "branch"  # "branch": (parent, label, index); "content": text and occurrence
    content: tuple[str, ...] = ()  # for identity "content": the added fields that are the content
    # For 1:n: the option that names the field cut, and the added field {start, end, page} that says
    # where in it a child stands.
    cuts: tuple[str, str] | None = None
    costly: bool = False  # results are cached, and it runs off the event loop
    description: str = ""


class ReaderSignature(Struct, frozen=True):
    """A reader of `source: read:`. `fields` is None for an open reader, whose spec states them."""

    name: str
    version: int
    options: Mapping[str, Option]
    fields: Record | None
    content: tuple[str, ...] | None = None  # fields that make the identity; None: all of them
    description: str = ""


class ExporterSignature(Struct, frozen=True):
    """A format of `export`. `shape` says which fields it reads; `files` that it reads `.files`."""

    name: str
    version: int
    options: Mapping[str, Option]
    shape: Shaper
    reads_files: bool = False
    writes: tuple[str, ...] = ()  # columns of the file; empty: option `columns`, else all fields
    role: str = "data"  # what the file is for: "sharegpt", "completion", "segments", "config", …
    description: str = ""


class Library(Struct, frozen=True):
    """The words that a spec can use; bodies are kept under the same names for the runtime."""

    readers: Mapping[str, ReaderSignature]
    functions: Mapping[str, FunctionSignature]
    exporters: Mapping[str, ExporterSignature]
    expressions: Mapping[str, Callable[..., Any]]  # pure functions of the expression language
