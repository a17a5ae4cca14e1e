"""All batches of one endpoint: those of earlier runs, and those that this run submits.

Calls are collected by model until a batch is full or no further one has come for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from atkc.runtime.api import Reply, Request
from atkc.runtime.batch.api import BatchApi
from atkc.runtime.batch.collecting import Collection
from atkc.runtime.batch.following import Following, Waiters
from atkc.runtime.batch.lines import request_line
from atkc.runtime.batch.pacing import Pacing
from atkc.runtime.batch.providers import offer, open_batches
from atkc.runtime.batch.records import Record, Records
from atkc.runtime.batch.submitting import Submitter
from atkc.runtime.batch.verdicts import is_full
from atkc.runtime.calling.replies import encode
from atkc.runtime.errors import Permanent, StoreError
from atkc.runtime.modelspec import EndpointSpec
from atkc.runtime.storage.store import CALL, Store

Group = tuple[str, str]  # model, mode


class Office:
    """Asks by batches. `far` says that no new source record will come; `tell` reaches the user."""

    def __init__(
        self,
        endpoint: EndpointSpec,
        folder: Path,
        store: Store,
        pacing: Pacing,
        *,
        far: Callable[[], bool],
        tell: Callable[[str], None],
    ) -> None:
        self._name = endpoint.name
        self._endpoint = tuple(part or "" for part in endpoint.key)
        self._offer = offer(endpoint)
        self._host = self._offer.host or urlsplit(endpoint.base_url).hostname or ""
        self._most = min(self._offer.requests, pacing.size)
        self._records = Records(folder)
        self._store = store
        self._pacing = pacing
        self._far = far
        self._tell = tell
        self._api: BatchApi = open_batches(endpoint)
        self._submitter = Submitter(endpoint.name, self._api, self._records, pacing)
        self._collecting: dict[Group, Collection] = {}
        self._following: dict[str, Following] = {}
        self._holders: dict[str, Following] = {}  # by key of a call
        self._tasks: dict[asyncio.Task[None], Following] = {}
        self._open: set[asyncio.Future[Reply]] = set()  # who waits for a reply
        self._last = 0.0  # when the last call came
        self._timer: asyncio.TimerHandle | None = None
        self._error: BaseException | None = None
        self._records.tidy()
        for record in self._records.of(self._endpoint):
            self._follow(record, {}, submitted_here=False)

    def holds(self, key: bytes) -> bool:
        """Return whether a call is in a batch already."""
        return key.hex() in self._holders

    def ask(self, request: Request, key: bytes) -> asyncio.Future[Reply]:
        """Return the future of the reply; it fails with Transient, Permanent or StoreError."""
        waiter: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._open.add(waiter)
        waiter.add_done_callback(self._open.discard)
        name = key.hex()
        holder = self._holders.pop(name, None)
        if self._error is not None:
            waiter.set_exception(self._error)
        elif holder is not None and holder.attach(name, waiter):
            if not waiter.done():
                self._holders[name] = holder
        else:
            self._collect(request, name, waiter)
        return waiter

    def hurry(self) -> None:
        """Submit what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for group in list(self._collecting):
            self._submit(group)

    def let_go(self) -> None:
        """Let nobody wait any more: a batch may take a day, and a later run picks it up."""
        for waiter in list(self._open):
            waiter.cancel()

    async def close(self) -> None:
        """Stop waiting: batches go on at the provider. What came back unasked is stored."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for collection in self._collecting.values():
            collection.drop()
        if self._error is None:
            for following in list(self._following.values()):
                await self._settle(following)
        for following in self._following.values():
            following.close()
        await self._api.close()
        self._say_what_goes_on()

    def _collect(self, request: Request, name: str, waiter: asyncio.Future[Reply]) -> None:
        try:
            line = request_line(name, request, self._host)
        except Permanent as error:
            waiter.set_exception(error)
            return
        group = request.model, request.mode
        collection = self._collecting.get(group)
        if collection is not None and collection.size + len(line) > self._offer.size:
            self._submit(group)
            collection = None
        if collection is None:
            batch = self._records.new_name()
            collection = Collection(batch, self._records.requests(batch), *group)
            self._collecting[group] = collection
        collection.add(name, line, waiter)
        if len(collection.waiters) >= self._most:
            self._submit(group)
        self._last = asyncio.get_running_loop().time()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pacing.quiet, self._look)

    def _quiet(self) -> float:
        return self._pacing.quiet if self._far() else self._pacing.reading

    def _look(self) -> None:
        """Submit what waits if nothing came for long enough; else look again."""
        loop = asyncio.get_running_loop()
        self._timer = None
        left = self._last + self._quiet() - loop.time()
        if left <= 0:
            self.hurry()
        else:
            # The time to wait may grow shorter meanwhile: sources come to their ends.
            self._timer = loop.call_later(min(left, self._pacing.quiet), self._look)

    def _submit(self, group: Group) -> None:
        """Write the record of a batch down and send it off; a timer may call: nothing is raised."""
        collection = self._collecting.pop(group)
        waiters = list(collection.waiters.values())
        try:
            self._send_off(collection)
        except (OSError, StoreError) as error:
            collection.close()
            self._error = StoreError(f"a batch cannot be written down: {error}")
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(self._error)

    def _send_off(self, collection: Collection) -> None:
        collection.finish()
        with self._records.claiming():
            others = self._elsewhere(collection)
            keys = tuple(collection.waiters)
            group = collection.model, collection.mode
            record = Record(collection.name, self._endpoint, *group, keys)
            if keys:
                self._records.save(record)
            collection.close()
        for other, waiters in others:
            self._follow(other, waiters, submitted_here=False)
        if keys:
            self._follow(record, collection.waiters, submitted_here=True)
        else:
            collection.drop()

    def _elsewhere(self, collection: Collection) -> list[tuple[Record, Waiters]]:
        """Return the batches that other processes submitted meanwhile, with who may wait for them.

        What is in them is left out of the collection.
        """
        found = []
        for record in self._records.of(self._endpoint, self._following):
            shared = set(record.keys) & collection.waiters.keys()
            if shared:
                found.append((record, collection.leave_out(shared)))
        return found

    def _follow(self, record: Record, waiters: Waiters, *, submitted_here: bool) -> None:
        following = Following(
            record,
            waiters,
            api=self._api,
            records=self._records,
            submitter=self._submitter,
            pacing=self._pacing,
            tell=lambda text: self._tell(f"`{self._name}`: {text}"),
        )
        self._following[record.name] = following
        self._holders |= dict.fromkeys(record.keys, following)
        task = asyncio.get_running_loop().create_task(self._run(following, submitted_here))
        self._tasks[task] = following
        task.add_done_callback(self._done)

    async def _run(self, following: Following, submitted_here: bool) -> None:
        await following.run(submitted_here=submitted_here)
        remote = following.remote
        if remote is not None and is_full(remote):
            self._most = max(1, min(self._most, len(following.record.keys)) // 2)
        left = set(following.names())
        for name in following.record.keys:
            if name not in left and self._holders.get(name) is following:
                del self._holders[name]
        for other in list(self._following.values()):
            # What this batch brought is on its way to the store; what earlier ones did is there.
            if (other is not following and not other.names()) or not other.replied:
                self._forget_if_stored(other)

    def _done(self, task: asyncio.Task[None]) -> None:
        following = self._tasks.pop(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:  # the cache cannot be written, or a mistake of ours: the run must end
            self._error = error
            following.fail(error)

    async def _settle(self, following: Following) -> None:
        """Store what nobody asked for, and forget the batch once all of it is durable."""
        for name in following.names():
            answer = following.take(name)
            if isinstance(answer, Reply):
                await self._store.put(bytes.fromhex(name), CALL, encode(answer))
        self._forget_if_stored(following)

    def _forget_if_stored(self, following: Following) -> None:
        if following.ended and all(
            self._store.get(bytes.fromhex(name)) is not None for name in following.replied
        ):
            self._records.remove(following.record.name)
            following.close()
            self._following.pop(following.record.name, None)

    def _say_what_goes_on(self) -> None:
        pending = [f.record for f in self._following.values() if f.pending]
        if pending:
            calls = sum(len(record.keys) for record in pending)
            ids = ", ".join(record.id for record in pending)
            self._tell(
                f"`{self._name}`: batches go on there, with {calls} calls ({ids}); "
                "a later run with `--batch` picks them up"
            )
