"""What checks get to see: the case, a visit to one endpoint, and one model there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from atkc.cli.doctor.talk import Heard, Talk
from atkc.compiler.plan import Plan
from atkc.runtime.hosts import is_loopback
from atkc.runtime.modelspec import EndpointSpec, ModelSpec


class Case(Struct, frozen=True):
    """What was asked to be looked at; `plan` is None where the spec has errors."""

    plan: Plan | None
    cache: Path
    output: Path
    probe: bool = False  # whether endpoints elsewhere may be asked, which costs a little
    embeddings: str | None = None  # a model to be asked for an embedding


class Visit(Struct):
    """One endpoint; `listed` are the rows of its list of models, None where it has none."""

    case: Case
    endpoint: EndpointSpec
    talk: Talk
    listed: list[Mapping[str, Any]] | None = None

    @property
    def here(self) -> bool:
        """Return whether the endpoint is on this machine."""
        return bool(self.endpoint.base_url) and is_loopback(self.endpoint.base_url)

    @property
    def may_ask(self) -> bool:
        """Return whether completions may be asked for."""
        return self.here or self.case.probe

    def names(self) -> list[str]:
        """Return the names in the list of models."""
        return [str(row.get("id")) for row in self.listed or ()]


class Seat(Struct):
    """One model at an endpoint: `spec` stands for all models of the plan that are sent alike."""

    visit: Visit
    spec: ModelSpec
    need: tuple[int, int] = (0, 0)  # (expected, high) tokens of the longest request
    heard: Heard | None = None  # what the first call brought
    structured: frozenset[str] = field(default_factory=frozenset)  # what the plan's models ask for
    stops: bool = False  # whether the plan sends stop sequences to the model
