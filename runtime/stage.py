"""A node at work: its plan, its inputs, its ports, its books, and the run that it belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor
from typing import Any, TypeVar

from msgspec import Struct, field

from atkc.compiler.plan import CombineOp, Node, Plan
from atkc.runtime.api import Bodies, Context, Data, FileEntry
from atkc.runtime.asking import Caller
from atkc.runtime.demand import Demand
from atkc.runtime.edge import Edge
from atkc.runtime.errors import InputError, RecordError, StopRun
from atkc.runtime.events import Event, RecordFailed, StepStarted, Warned
from atkc.runtime.formulas import Env
from atkc.runtime.gates import HINT, Gates
from atkc.runtime.keys import child_identity
from atkc.runtime.leash import Leash
from atkc.runtime.ledger import Accepted, Taken, Tally
from atkc.runtime.ports import Ports
from atkc.runtime.reorder import Reorderer
from atkc.runtime.settings import Settings
from atkc.runtime.spool import Shelf, Spool
from atkc.runtime.tokens import Mark, Row, Token
from atkc.runtime.yields import Rejects
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.signature import Library
from atkc.spec.source import Span

T = TypeVar("T")
OnDisk = TypeVar("OnDisk", Shelf, Spool)


class Run(Struct):
    """What all nodes of a run share."""

    plan: Plan
    library: Library
    bodies: Bodies
    caller: Caller
    settings: Settings
    listen: Callable[[Event], None]
    threads: Executor
    sources: int  # those that still read
    gates: Gates
    warnings: list[Warned] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    demands: dict[str, Demand] = field(default_factory=dict)  # by `accept` step
    leashes: dict[str, Leash] = field(default_factory=dict)  # by source


class Stage(Struct):
    """One node of the plan at work."""

    node: Node
    run: Run
    edges: Mapping[str, Edge]
    ports: Ports
    tallies: dict[str, Tally]  # by role, and for a map by its actions
    depth: int
    rejects: Rejects
    sides: dict[str, Data] = field(default_factory=dict)
    files: list[FileEntry] = field(default_factory=list)  # that this node wrote
    sidecars: list[FileEntry] = field(default_factory=list)  # of those, that tell of trails
    started: bool = False
    shelves: list[Shelf | Spool] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    _env: Env | None = None  # that of the last row
    _tally: Tally | None = None

    @property
    def role(self) -> str:
        """Return the name of the only input (less sides)."""
        return next(role for role in self.edges if role not in self._side_roles())

    @property
    def tally(self) -> Tally:
        """Return the books of the only input, or of a map's first action."""
        if self._tally is None:  # asked for several times for each row
            first = next(iter(self.tallies.values()))
            self._tally = self.tallies.get(self.role, first) if self.edges else first
        return self._tally

    def roles(self) -> list[str]:
        """Return the inputs less sides, in written order."""
        return [role for role in self.edges if role not in self._side_roles()]

    def _side_roles(self) -> set[str]:
        return set(self.node.op.sides.values()) if isinstance(self.node.op, CombineOp) else set()

    async def batches(self, role: str | None = None) -> AsyncIterator[list[Token]]:
        """Iterate over the tokens of an input as they come, counting its rows."""
        role = self.role if role is None else role
        tally = self.tallies.get(role, self.tally)
        async for batch in self.edges[role].batches():
            if not self.started:
                self.started = True
                self.run.listen(StepStarted(self.node.id))
            tally.came += sum(isinstance(token, Row) for token in batch)
            yield batch

    async def arrivals(self, role: str | None = None) -> AsyncIterator[Token]:
        """Iterate over the tokens of an input one by one, waiting for room between them."""
        async for batch in self.batches(role):
            for token in batch:
                yield token
                if self.ports.is_full():
                    await self.ports.room()

    async def ordered(self, role: str | None = None) -> AsyncIterator[Token]:
        """Iterate over the tokens of an input in canonical order."""
        order = Reorderer(self.shelf())
        async for batch in self.batches(role):
            for token in order.push(batch):
                yield token
                if self.ports.is_full():
                    await self.ports.room()
        order.finish()

    def shelf(self) -> Shelf:
        """Return a place for rows that wait; it is given up when the run ends."""
        return self._kept(Shelf(self.run.settings.spool))

    def spool(self) -> Spool:
        """Return a queue on disk; it is given up when the run ends."""
        return self._kept(Spool(self.run.settings.spool))

    def _kept(self, place: OnDisk) -> OnDisk:
        self.shelves.append(place)
        return place

    def dispose(self) -> None:
        """Give up all that lies on disk."""
        for shelf in self.shelves:
            shelf.close()
        for edge in self.edges.values():
            edge.dispose()

    def tokens(self) -> AsyncIterator[Token]:
        """Iterate over the only input's tokens in the order that the plan asks for."""
        return self.arrivals() if self.node.order == "streaming" else self.ordered()

    def enter(self, row: Row) -> Row:
        """Return the row as a 1:1 node sees it: on a branch of its own it gets a new identity."""
        if not self.node.branch:
            return row
        identity = child_identity(row.identity, self.node.branch, 0)
        return Row(row.ordinal, identity, row.data, row.trail)

    def env(self, identity: bytes) -> Env:
        """Return what expressions over the row of that identity may use."""
        known = self._env
        if known is None or known.context.identity is not identity:
            tokens = self.run.settings.tokens
            known = self._env = Env(self.context(identity), self.node.draw, tokens, self.sides)
        return known

    def context(self, identity: bytes) -> Context:
        """Return what a function may use for the row of that identity."""
        return Context(self.run.settings.run_seed, identity, self.run.plan.tokenizer)

    def fail(
        self, row: Row, error: RecordError, tally: Tally, request: Any = None, reply: Any = None
    ) -> None:
        """Settle a place with a failed row."""
        self.ports.row("failed", self._failed(row, error, tally, request, reply))
        self.pass_gates(error)

    def fail_aside(self, row: Row, error: RecordError, tally: Tally) -> None:
        """Set a failed row aside whose place is not one of this node's order."""
        self.ports.aside("failed", self._failed(row, error, tally))
        self.pass_gates(error)

    def _failed(
        self, row: Row, error: RecordError, tally: Tally, request: Any = None, reply: Any = None
    ) -> Row:
        """Count a failed row and tell of it; return it as it leaves."""
        tally.failed += 1
        tally.aside("failed")
        self.run.listen(RecordFailed(self.node.id, error.kind, error.message))
        data = {**row.data, "failure": self.failure(error, request, reply)}
        return Row(row.ordinal, row.identity, data, row.trail)

    def pass_gates(self, error: RecordError) -> None:
        """Count a failed record; raises StopRun (ATK740) where these are too many."""
        why = self.run.gates.failed(self.node, self.tallies, error)
        if why is not None:
            raise StopRun(self.diagnostic("ATK740", why, HINT))

    def end(self) -> None:
        """Close the books; raises AtkcError if they do not balance, StopRun (ATK740)."""
        for tally in self.tallies.values():
            tally.check()
        why = self.run.gates.ended(self.node, self.tallies)
        if why is not None:
            raise StopRun(self.diagnostic("ATK740", why, HINT))
        if told := self.run.gates.warning(self.node, self.tallies):
            self.warn("failures", told)
        for tally in self.tallies.values():
            if alarm := self.rejects.alarm(tally):
                self.warn("yield", alarm)

    def failure(self, error: RecordError, request: Any = None, reply: Any = None) -> Data:
        """Return what is told of a failure: the step, the kind, the message, what was said."""
        return {
            "step": self.node.id,
            "kind": error.kind,
            "message": error.message,
            "request": request,
            "reply": reply,
        }

    def reject(self, row: Row, tally: Tally, added: Data | None = None, why: str = "") -> None:
        """Settle a place with a row that a filter turned away."""
        tally.filtered += 1
        self.rejected(row, tally, added, why)

    def rejected(self, row: Row, tally: Tally, added: Data | None = None, why: str = "") -> None:
        """Settle a place with a row that was turned away and is counted already."""
        alarm = self.rejects.note(row, tally, added, why)
        if alarm is not None:
            self.run.listen(Warned(self.node.id, "yield-so-far", alarm))
        tally.aside("rejected")
        data = {**row.data, **(added or {}), "rejected_by": self.node.id}
        self.ports.row("rejected", Row(row.ordinal, row.identity, data, row.trail))

    def leave(self, row: Row, tally: Tally, port: str = "main") -> None:
        """Settle a place with a row that goes on."""
        tally.leave(port)
        self.ports.row(port, row)

    def forward(self, mark: Mark) -> None:
        """Tell all readers what became of a place before this node."""
        self.ports.mark(mark)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run something slow off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.run.threads, work)

    def warn(self, kind: str, message: str) -> None:
        """Tell the user something that is no failure."""
        warning = Warned(self.node.id, kind, message)
        self.run.warnings.append(warning)
        self.run.listen(warning)

    def mistake(self, code: str, message: str, hint: str | None = None) -> InputError:
        """Return the exception for a user's mistake that only the run could find."""
        return InputError(self.diagnostic(code, message, hint))

    def diagnostic(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """Return a finding at the step's place in its spec."""
        at = self.node.place
        span = Span(at.path, at.line, at.col, at.line, at.col + 1) if at else None
        return Diagnostic(code, message, span, help=hint, where=self.node.id)
