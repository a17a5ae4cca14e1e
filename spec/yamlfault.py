"""libyaml's complaint about a text, and the line and value it is about."""

from __future__ import annotations

import re

from msgspec import Struct

from atkc.spec.diagnostic import Diagnostic
from atkc.spec.nodes import ScalarNode
from atkc.spec.source import Source
from atkc.spec.yamltraps import unclosed


class Fault(Struct, frozen=True):
    """libyaml's complaint: what it said, where it stopped, and where what it was reading began."""

    problem: str
    context: str
    at: int
    began: int | None
    after: ScalarNode | None = None  # the last value that was read whole

    @property
    def runaway(self) -> ScalarNode | None:
        """The quoted value over several lines that ends where libyaml stopped, if there is one.

        Its closing quote is most likely the opening quote of another value.
        """
        node = self.after
        if node is None or node.style not in ("single", "double"):
            return None
        text = node.source.text
        lines, rest = text[node.start : node.end], text[node.end : self.at]
        return node if "\n" in lines and "\n" not in rest and "," not in rest else None

    @property
    def offset(self) -> int:
        """Return the offset of the entry to blame: the opening quote or bracket, if one is open."""
        if self.runaway is not None:
            return self.runaway.start
        inner = (
            "quoted",
            "flow",
            "simple key",
            "alias",
            "anchor",
            "block scalar",
            "tag",
            "directive",
        )
        if self.began is not None and any(word in self.context for word in inner):
            return self.began
        return self.at


class Place(Struct, frozen=True):
    """A fault and the line it is on."""

    source: Source
    fault: Fault
    start: int  # of the line to blame
    end: int
    value: int  # where the value of that line begins: after `key: ` and `- `
    value_end: int

    @property
    def text(self) -> str:
        return self.source.text[self.value : self.value_end]

    @property
    def sign(self) -> str:
        """The character at which libyaml stopped, empty at the end of the file."""
        return self.source.text[self.fault.at : self.fault.at + 1]

    @property
    def before(self) -> str:
        """The text of the stopping line up to where libyaml stopped."""
        text, at = self.source.text, self.fault.at
        return text[text.rfind("\n", 0, at) + 1 : at]

    def found(
        self, code: str, message: str, start: int, end: int, help_: str | None = None
    ) -> Diagnostic:
        return Diagnostic(code, message, self.source.span(start, max(end, start)), help=help_)

    def upto_line_end(self, start: int) -> int:
        """Return where the line of `start` ends, but at least one character after it."""
        return start + max(len(line_from(self.source.text, start)), 1)


_KEY = re.compile(
    r"""[ ]*(?:-[ ]+)*(?:(?:[^\s"'{\[#&*!|>%@`-][^\n:#]*|"[^"\n]*"|'[^'\n]*')[ ]*:[ ]+)?"""
)
_COMMENT = re.compile(r"[ \t]+#.*")


def place_of(source: Source, fault: Fault) -> Place:
    text = source.text
    offset = min(fault.offset, len(text))
    start = text.rfind("\n", 0, offset) + 1
    while not text[start:offset].strip() and not _rest(text, offset) and start > 0:
        offset = start - 1  # an empty line at the end: blame the last line that shows something
        start = text.rfind("\n", 0, offset) + 1
    end = start + len(line_from(text, start))
    match = _KEY.match(text, start, end)
    value = match.end() if match else start
    cut = _COMMENT.search(text, value, end)
    value_end = cut.start() if cut and not unclosed(text[value : cut.start()]) else end
    return Place(source, fault, start, end, value, value_end)


def line_from(text: str, start: int) -> str:
    end = text.find("\n", start)
    return text[start : end if end >= 0 else len(text)].rstrip()


def _rest(text: str, offset: int) -> str:
    return line_from(text, offset).strip()
