"""One batch from its submission to its answers, in this run or found again by a later one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import BinaryIO

from msgspec.structs import replace

from atkc.runtime.api import Reply
from atkc.runtime.batch.answers import Answers
from atkc.runtime.batch.api import BatchApi, Remote
from atkc.runtime.batch.pacing import Pacing
from atkc.runtime.batch.records import Record, Records
from atkc.runtime.batch.submitting import Submitter
from atkc.runtime.batch.verdicts import GONE, verdict
from atkc.runtime.errors import CallError, Permanent, Transient

Waiters = dict[str, asyncio.Future[Reply]]

_BREATH = 100  # replies handed out between two looks at other work


class Following:
    """A batch and who waits for it. `tell` gets what a user should hear."""

    def __init__(
        self,
        record: Record,
        waiters: Waiters,
        *,
        api: BatchApi,
        records: Records,
        submitter: Submitter,
        pacing: Pacing,
        tell: Callable[[str], None],
    ) -> None:
        self.record = record
        self.remote: Remote | None = None  # as it ended
        self._waiters = waiters
        self._api = api
        self._records = records
        self._submitter = submitter
        self._pacing = pacing
        self._tell = tell
        self.ended = False  # its answers, if there are any, are here
        self._answers: Answers | None = None
        self._error: BaseException | None = None
        self._earlier = False  # its answers were read by an earlier run

    @property
    def pending(self) -> bool:
        """Return whether the provider is at work on it."""
        return bool(self.record.id) and self.remote is None

    @property
    def replied(self) -> set[str]:
        """Return the requests that were answered with a reply."""
        return set() if self._answers is None else self._answers.replied

    def attach(self, name: str, waiter: asyncio.Future[Reply]) -> bool:
        """Let somebody wait for a request of this batch; False if nothing will come of it here."""
        if self._error is not None:
            waiter.set_exception(self._error)
            return True
        if self.ended:
            return self._hand(name, waiter)
        self._waiters[name] = waiter
        return True

    async def run(self, *, submitted_here: bool) -> None:
        """Submit the batch (or find it), wait for its end, hand out its answers.

        Raises StoreError; what else goes wrong is told to those who wait.
        """
        try:
            if await self._stands(submitted_here):
                await self._watch()
                await self._fetch()
        except Permanent as error:
            self.fail(error if error.fatal else _fatal(error))
        else:
            await self._deliver()

    def fail(self, error: BaseException) -> None:
        """Tell all who wait that the run ends; a batch that exists stays on record."""
        self._error = error
        for waiter in self._waiters.values():
            if not waiter.done():
                waiter.set_exception(error)
        self._waiters.clear()

    def names(self) -> list[str]:
        """Return the requests whose answers nobody took."""
        return [] if self._answers is None else self._answers.names()

    def close(self) -> None:
        """Give up what is held of the answers."""
        if self._answers is not None:
            self._answers.close()

    def take(self, name: str) -> Reply | CallError:
        """Return an answer that nobody took."""
        assert self._answers is not None
        return self._answers.take(name)

    async def _stands(self, submitted_here: bool) -> bool:
        """Return whether the provider has the batch; it is submitted at most once."""
        name = self.record.name
        handle = await self._held(name)
        try:
            self.record = self._records.read(name) or self.record
            if self.record.id:
                return True
            if submitted_here:
                self.record = await self._submitter.submit(self.record)
                self._tell(f"batch {self.record.id}: {len(self.record.keys)} calls submitted")
                return True
            found = await self._submitter.found(self.record)
            if found is None:
                self.remote = Remote("", GONE)
                return False
            self.record = found
            return True
        finally:
            self._records.release(name, handle)

    async def _held(self, name: str) -> int:
        for wait in self._pacing.waits():
            handle = self._records.hold(name)
            if handle is not None:
                return handle
            await asyncio.sleep(wait)  # another process submits it at this moment
        raise AssertionError("waits have no end")

    async def _watch(self) -> None:
        for wait in self._pacing.waits():
            remote = await self._status()
            if remote is not None and remote.ended:
                self.remote = remote
                return
            await asyncio.sleep(wait)

    async def _status(self) -> Remote | None:
        """Return how the batch stands; None where the provider cannot be asked at this moment."""
        try:
            return await self._api.retrieve(self.record.id)
        except Transient as error:
            self._trouble("status", error)
            return None
        except Permanent as error:
            if error.status == 404:
                return Remote(self.record.id, "expired")
            raise

    async def _fetch(self) -> None:
        """Bring the answers; a batch that ended early has those that were ready."""
        assert self.remote is not None
        file = self._records.nameless()
        try:
            await self._download(self.remote, file)
            self._answers = await asyncio.to_thread(Answers, file)
        except BaseException:
            file.close()
            raise
        count, of = len(self._answers.names()), len(self.record.keys)
        self._tell(f"batch {self.record.id}: {self.remote.status}, {count} of {of} calls answered")

    async def _download(self, remote: Remote, into: BinaryIO) -> None:
        for wait in self._pacing.waits():
            into.truncate(0)
            into.seek(0)
            try:
                for name in (remote.output, remote.errors):
                    if name:
                        await self._api.download(name, into)
                return
            except Transient as error:
                self._trouble("answers", error)
            await asyncio.sleep(wait)

    def _trouble(self, what: str, error: Transient) -> None:
        said = f"its {what} cannot be read, which is tried again: {error.message}"
        self._tell(f"batch {self.record.id}: {said}")

    async def _deliver(self) -> None:
        self.ended = True
        waiting, self._waiters = self._waiters, {}
        # Refusals are told once: a later run asks again, as it would live.
        self._earlier = self.record.told
        if self._answers is not None and not self._earlier:
            self.record = replace(self.record, told=True)
            self._records.save(self.record)
        index = {name: number for number, name in enumerate(self.record.keys)}
        for number, (name, waiter) in enumerate(waiting.items(), 1):
            if not self._hand(name, waiter) and not waiter.done():
                assert self.remote is not None
                waiter.set_exception(verdict(self.remote, index[name]))
            if number % _BREATH == 0:
                await asyncio.sleep(0)

    def _hand(self, name: str, waiter: asyncio.Future[Reply]) -> bool:
        """Give the answer to who waits; False where there is none that counts."""
        if self._answers is None or name not in self._answers or waiter.done():
            return False
        answer = self._answers.take(name)
        if isinstance(answer, Reply):
            waiter.set_result(answer)
            return True
        if self._earlier:
            return False
        waiter.set_exception(answer)
        return True


def _fatal(error: Permanent) -> Permanent:
    return Permanent(f"the batch: {error.message}", status=error.status, fatal="ATK732")
