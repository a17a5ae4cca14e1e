"""What a translation has come to so far."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

from msgspec import Struct, field

from atkc.cli.augmentoolkit.leaves import Config, Leaf
from atkc.spec.diagnostic import Diagnostic

Verdict = Literal["carried", "changed", "not carried"]


class Fate(Struct, frozen=True):
    """What becomes of a value; `why` is empty only where it is carried as it is."""

    verdict: Verdict
    to: str = ""  # the parameter, as `--set` names it
    why: str = ""


class Draft(Struct):
    """Parameters and findings, filled by rules and groups."""

    config: Config
    params: dict[str, Any] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)  # by the path of the leaf
    found: list[Diagnostic] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # of what no key says
    variables: dict[str, None] = field(default_factory=dict)  # that hold keys, to be exported

    def put(self, to: str, value: Any) -> None:
        """Set a parameter, or a place inside one: `input_dirs/0/path`."""
        parts = [int(part) if part.isdigit() else part for part in to.split("/")]
        at: Any = self.params
        for part, below in pairwise(parts):
            at = _inner(at, part, [] if isinstance(below, int) else {})
        at[parts[-1]] = value

    def settle(self, leaf: Leaf, fate: Fate) -> None:
        """Say what becomes of a value; each is settled once."""
        assert leaf.path not in self.fates, leaf.path
        self.fates[leaf.path] = fate


def _inner(at: Any, part: Any, fresh: Any) -> Any:
    if isinstance(at, list):
        if part == len(at):
            at.append(fresh)
        return at[part]
    return at.setdefault(part, fresh)
