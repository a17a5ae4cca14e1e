"""Shuffle: a seeded order."""

from __future__ import annotations

from atkc.compiler.combine.fitting import (
    Fitted,
)
from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance
from atkc.spec.rowtype import (
    Record,
)


def fit(flow: Flow, inst: Instance, record: Record) -> Fitted:
    """Return what `shuffle` makes of a stream."""
    del flow
    return Fitted({"main": record}, cardinality="n:n", lineage=(inst.id,))
