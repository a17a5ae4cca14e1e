"""Sending a batch off, once: whatever breaks in between, there is never a second one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from atkc.runtime.batch.api import BatchApi, Remote
from atkc.runtime.batch.pacing import Pacing
from atkc.runtime.batch.records import Record, Records
from atkc.runtime.errors import Permanent, Transient
from atkc.runtime.transport.quota import LONGEST_WAIT

T = TypeVar("T")

_LONGEST = 60.0  # seconds between two tries
_NO_API = (404, 405, 501)


class Submitter:
    """Submits the batches of one endpoint, which messages call `name`."""

    def __init__(self, name: str, api: BatchApi, records: Records, pacing: Pacing) -> None:
        self._name = name
        self._api = api
        self._records = records
        self._pacing = pacing
        self._proven = False  # a batch was taken: what fails now will pass

    async def submit(self, record: Record) -> Record:
        """Return the record with the provider's id, written down.

        Raises Permanent with `fatal`: a file or batch that is refused ends the run.
        """
        try:
            file = await self._tried(lambda: self._upload(record))
        except Permanent as error:
            self._records.remove(record.name)  # there is no batch of that name, and never was
            raise self._fatal(error) from None
        try:
            remote = await self._tried(lambda: self._create(record, file))
        except Permanent as error:
            raise self._fatal(error) from None
        self._proven = True
        return self._noted(record, remote)

    async def found(self, record: Record) -> Record | None:
        """Return the record of a run that was killed, if its batch exists after all."""
        remote = await self._tried(lambda: self._api.find(record.name))
        return None if remote is None else self._noted(record, remote)

    def _noted(self, record: Record, remote: Remote) -> Record:
        record = replace(record, id=remote.id)
        self._records.save(record)
        self._records.requests(record.name).unlink(missing_ok=True)
        return record

    async def _upload(self, record: Record) -> str:
        return await self._api.upload(self._records.requests(record.name))

    async def _create(self, record: Record, file: str) -> Remote:
        try:
            return await self._api.create(file, record.mode, record.model, record.name)
        except Transient:
            # It may have been taken all the same.
            remote = await self._tried(lambda: self._api.find(record.name))
            if remote is None:
                raise
            return remote

    async def _tried(self, call: Callable[[], Awaitable[T]]) -> T:
        delay, tries = self._pacing.delay, 0
        while True:
            try:
                return await call()
            except Transient as error:
                if tries >= self._pacing.retries and not self._proven:
                    raise Permanent(error.message, status=error.status, fatal="ATK700") from None
                wait = max(delay, min(error.retry_after or 0.0, LONGEST_WAIT))
            tries += 1
            delay = min(_LONGEST, delay * 2)
            await asyncio.sleep(wait)

    def _fatal(self, error: Permanent) -> Permanent:
        if error.status in _NO_API and error.fatal != "ATK702":
            text = f"`{self._name}` has no batch API (status {error.status}): run without `--batch`"
            return Permanent(text, status=error.status, fatal="ATK731")
        if error.fatal:
            return error
        return Permanent(f"the batch was refused: {error.message}", fatal="ATK732")
