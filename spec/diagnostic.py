"""What is wrong, where, and what to do: user mistakes as values."""

from __future__ import annotations

from msgspec import Struct

from atkc.spec.codes import CODES
from atkc.spec.source import Span


class Label(Struct, frozen=True):
    """A second place that explains the first: "declared here"."""

    span: Span
    text: str


class Diagnostic(Struct, frozen=True):
    """One finding. `span` is None only where no file has a place for it (a missing file)."""

    code: str  # "ATK412", a key of CODES
    message: str  # one sentence without a final stop, names in backticks
    span: Span | None = None
    labels: tuple[Label, ...] = ()
    help: str | None = None  # one sentence that begins with a verb
    where: str = ""  # path inside the document: steps.draft.with.prompt

    @property
    def severity(self) -> str:
        """Return `error`, `warning` or `info`: a property of the code, not of the instance."""
        return CODES[self.code].severity


class Problem(Struct, frozen=True):
    """A finding inside one scalar's decoded text, before it is placed in a file: [start, end)."""

    code: str
    message: str
    start: int = 0
    end: int = 0
    help: str | None = None

    def at(self, span: Span, where: str = "") -> Diagnostic:
        """Return the finding at its place in the file."""
        return Diagnostic(self.code, self.message, span, help=self.help, where=where)


def has_errors(diagnostics: list[Diagnostic]) -> bool:
    """Return whether any of them is an error."""
    return any(d.severity == "error" for d in diagnostics)
