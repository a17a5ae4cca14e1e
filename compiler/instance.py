"""What expansion leaves: steps with their bindings fixed, each reading named ports of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from atkc.compiler.load import Document
from atkc.spec.expression.scope import Constant
from atkc.spec.rowtype import Record
from atkc.spec.source import Span

Path = tuple[str | int, ...]
NOWHERE = "?"  # the address that a reference has after a finding about it


class Target(Struct, frozen=True, eq=False):
    """A port that is read; `span` is where the reference stands, which makes no difference."""

    id: str
    port: str = "main"
    span: Span | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Target) and (self.id, self.port) == (other.id, other.port)

    def __hash__(self) -> int:
        return hash((self.id, self.port))


class Instance(Struct, frozen=True):
    """One step with its bindings fixed. `kind` is the step type, or `border` or `label`.

    `detail` holds what the kind needs: for a border (Record, carried names), for a label the
    constant fields with their types and what is carried back.
    """

    id: str
    kind: str
    document: Document
    path: Path  # of the step in its document
    constants: Mapping[str, Constant]
    inputs: Mapping[str, tuple[Target, ...]]
    step: Any = None  # the strict model of a written step
    raw: Mapping[str, Any] = field(default_factory=dict)  # the same as data, `${…}` filled in
    detail: Any = None
    models: Mapping[str, str] = field(default_factory=dict)
    branch: str = ""
    draw: str = ""
    root: bool = True  # written in the spec that runs, not in a module
    origins: Mapping[str, str] = field(default_factory=dict)


class BorderDetail(Struct, frozen=True):
    """The declared type of an input and the fields that cross hidden."""

    type: Record
    carry: Mapping[str, Span] = field(default_factory=dict)  # with the places that ask for it


class LabelDetail(Struct, frozen=True):
    """Constant fields that a label adds, with all labels of the group; fields carried back."""

    values: Mapping[str, Any]
    enums: Mapping[str, tuple[Any, ...]]
    carry: Mapping[str, Span] = field(default_factory=dict)
    type: Record | None = None  # the declared type of the output
    module: str = ""  # address of the `use` whose output this is
    spans: Mapping[str, Span] = field(default_factory=dict)  # where the labels are written


def hidden(name: str, module: str) -> str:
    """Return the name under which a carried field crosses a module."""
    return f"^{module}^{name}"
