"""What the standard library sees of a run: requests, replies, readers, functions, exporters."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, field

Data = dict[str, Any]  # the fields of a record
Options = Mapping[str, Any]  # `with:`, defaults filled in
Message = dict[str, Any]  # {"role": "system" | "user" | "assistant", "content": str}


class Request(Struct, frozen=True):
    """One model call. `model` is the name as sent: for the direct transport, less `openai/`."""

    model: str
    messages: tuple[Message, ...]
    sampling: Mapping[str, Any] = {}  # temperature, max_tokens, …
    response_format: Mapping[str, Any] | None = None
    seed: int = 0  # 0 … 2**31 - 1
    mode: str = "chat"  # or "completion": the messages go as one plain text


class Reply(Struct, frozen=True):
    """What came back; `finish_reason` is `stop` or `length` or what else the endpoint says."""

    text: str
    finish_reason: str = "stop"
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class EmbeddingRequest(Struct, frozen=True):
    """One call for the vectors of texts; without `dimensions` the model says how long they are."""

    model: str
    texts: tuple[str, ...]
    dimensions: int | None = None


class Embeddings(Struct, frozen=True):
    """The vectors of a request's texts, in their order."""

    vectors: tuple[tuple[float, ...], ...]
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0  # none: a vector is no text


class Transport(Protocol):
    """A way to a model. Raises `Transient` or `Permanent`; nothing else."""

    async def complete(self, request: Request) -> Reply:
        """Return the completion of a request."""
        ...

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the vectors of a request's texts."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class Context(NamedTuple):
    """What a function may use besides its record: a seeded source of chance and the tokenizer."""

    run_seed: int
    identity: bytes
    tokenizer: str = "cl100k"

    def rng(self, label: str) -> random.Random:
        """Return a generator seeded by run seed, record identity and label."""
        text = b"%d\0%s\0%s" % (self.run_seed, self.identity, label.encode())
        return random.Random(int.from_bytes(hashlib.sha256(text).digest()[:8], "big"))


class Placed(dict[str, Any]):
    """The fields of a record, and where it stands: `file#row`, rows (or lines) from 1."""

    __slots__ = ("place",)

    def __init__(self, fields: Data, place: str) -> None:
        super().__init__(fields)
        self.place = place


class ReadFailure(Struct, frozen=True):
    """A document or row that could not be read; goes to the source's `failed` port."""

    source: str
    kind: str  # "encrypted", "corrupt", "empty", "encoding", "bad-row", …
    message: str
    row: Any = None  # the row as read, where there is one


class ReadNote(Struct, frozen=True):
    """Something about a source that a user should know and that is no failed record."""

    kind: str  # "passed-over", …
    message: str


# A reader yields records in canonical order (NFC POSIX path, then position), with failures and
# notes between. Records without a `source` of their own are `Placed`.
Reader = Callable[[Options], Iterator[Data | ReadFailure | ReadNote]]

# A function returns what it adds: a mapping for 1:1, a list of mappings for 1:n, a bool for filter.
# It raises RecordError to fail the record.
Function = Callable[[Data, Options, Context], Any]


class FileEntry(Struct, frozen=True):
    """A written file as the `.files` port and the manifest tell it."""

    path: str  # relative to the output directory, POSIX
    format: str
    role: str
    records: int
    tokens: int
    columns: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)  # what else the exporter says of it


class WriteNote(Struct, frozen=True):
    """Something about a written file that a user should know and that is no failure."""

    kind: str  # "few-steps", …
    message: str


class Written(Struct, frozen=True):
    """What an exporter wrote; `facts` stand in the manifest beside the file, notes are warnings."""

    records: int
    tokens: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[WriteNote, ...] = ()


# An exporter writes rows to the path and returns (records, tokens) that it wrote, or more.
# For exporters that read files the rows are FileEntry as mappings. Rows may have a method `refuse`,
# to be called with a RecordError for the last one that came, if that one cannot be written.
Exporter = Callable[[Iterable[Data], Path, Options], tuple[int, int] | Written]


class Bodies(Struct, frozen=True):
    """The functions behind a `Library`, by the same names; handed to the runtime."""

    readers: Mapping[str, Reader]
    functions: Mapping[str, Function]
    exporters: Mapping[str, Exporter]
    expressions: Mapping[str, Callable[..., Any]]
    transports: Mapping[str, Callable[[], Transport]]  # by provider: "atkc"
    # (contract, text, whether the reply was cut off at its greatest length) -> items
    parse_reply: Callable[[Mapping[str, Any], str, bool], list[Data]]
