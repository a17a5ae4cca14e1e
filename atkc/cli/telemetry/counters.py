"""Counters of a run that an exporter reads on its timer: they cost a record or a call nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace
from opentelemetry.metrics import CallbackOptions, Meter, Observation

from atkc.runtime.calling.outcome import Counters as Counts
from atkc.runtime.ledger import LedgerRow

Read = Callable[[CallbackOptions], Iterable[Observation]]

_OUTCOMES = ("out", "filtered", "duplicate", "failed", "merged", "not_drawn")
_BY_MODEL = (
    # name, unit, what it counts, the fields that are summed
    ("atkc.calls", "{call}", "Replies paid for.", ("calls",)),
    ("atkc.calls.cached", "{call}", "Replies from the cache.", ("cached", "shared")),
    ("atkc.calls.retried", "{call}", "Calls sent again after a fault.", ("retried",)),
    ("atkc.calls.failed", "{call}", "Calls that ended without a reply.", ("failed",)),
    ("atkc.cost", "USD", "What the calls cost.", ("money",)),
)


class Counters:
    """The counters as last noted: written by the run's thread, read by the exporter's."""

    def __init__(self, meter: Meter) -> None:
        self._rows: tuple[LedgerRow, ...] = ()
        self._models: dict[str, Counts] = {}
        meter.create_observable_counter(
            "atkc.records", [self._records], "{record}", "Records settled, by step and outcome."
        )
        for name, unit, what, fields in _BY_MODEL:
            meter.create_observable_counter(name, [self._of(fields)], unit, what)

    def note(self, rows: tuple[LedgerRow, ...], models: dict[str, Counts]) -> None:
        """Take over how the run stands."""
        self._rows = rows
        self._models = {name: replace(counts) for name, counts in models.items()}

    def _records(self, _: CallbackOptions) -> Iterator[Observation]:
        sums: dict[tuple[str, str], int] = {}
        for row in self._rows:
            for outcome in _OUTCOMES:
                key = row.step, outcome
                sums[key] = sums.get(key, 0) + getattr(row, outcome)
        for (step, outcome), number in sums.items():
            if number:
                yield Observation(number, {"atkc.step": step, "atkc.outcome": outcome})

    def _of(self, fields: tuple[str, ...]) -> Read:
        def read(_: CallbackOptions) -> Iterator[Observation]:
            for name, counts in self._models.items():
                number = sum(getattr(counts, field) for field in fields)
                if number:
                    yield Observation(number, {"atkc.model": name})

        return read
