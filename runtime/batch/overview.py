"""The batches that a cache has on record: how they stand at their providers, and their end."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from msgspec import Struct

from atkc.runtime.batch.api import BatchApi, Remote
from atkc.runtime.batch.providers import open_batches
from atkc.runtime.batch.records import Record, Records
from atkc.runtime.errors import CallError, Permanent
from atkc.runtime.modelspec import EndpointSpec
from atkc.runtime.transport import open_transport

NOT_SUBMITTED, GONE = "not submitted", "not known there"
_ENDING = "cancelling"
ALL = "all"


class Standing(Struct, frozen=True):
    """A batch as it stands; `problem` says why its provider did not tell, or would not end it."""

    record: Record
    since: float  # seconds of the clock: when it was submitted, or its answers were read
    remote: Remote | None = None
    problem: str = ""

    @property
    def endpoint(self) -> str:
        """Return how messages call the endpoint."""
        return _spec(self.record.endpoint).name

    @property
    def id(self) -> str:
        """Return the provider's name of it, empty where it has none."""
        return self.record.id or (self.remote.id if self.remote else "")

    @property
    def state(self) -> str:
        """Return what its provider says of it."""
        return "unknown" if self.remote is None else self.remote.status

    @property
    def open(self) -> bool:
        """Return whether the provider is at work on it."""
        return self.remote is not None and bool(self.remote.id) and not self.remote.ended


async def standings(folder: Path, cancel: Container[str] = ()) -> list[Standing]:
    """Return all batches on record, as their providers tell of them; the records stay as they are.

    Those that are open and whose id is in `cancel` (all, where `ALL` is) are cancelled first. What
    is ready of them stays, and is picked up by a later run. Raises StoreError.
    """
    records = Records(folder)
    apis: dict[tuple[str, ...], BatchApi] = {}
    found = []
    try:
        for record in records.every():
            if record.endpoint not in apis:
                apis[record.endpoint] = open_batches(_spec(record.endpoint))
            standing = await _standing(apis[record.endpoint], record, records.since(record.name))
            wanted = ALL in cancel or standing.id in cancel
            if wanted and standing.open and standing.state != _ENDING:
                standing = await _cancelled(apis[record.endpoint], standing)
            found.append(standing)
    finally:
        for api in apis.values():
            await api.close()
        for endpoint in apis:  # LiteLLM's connections are those of its single calls
            await open_transport(_spec(endpoint), {}).close()
    return found


async def _standing(api: BatchApi, record: Record, since: float) -> Standing:
    try:
        if record.id:
            return Standing(record, since, await api.retrieve(record.id))
        # A run was killed between submission and note, or is at it at this moment.
        remote = await api.find(record.name)
        return Standing(record, since, remote or Remote("", NOT_SUBMITTED))
    except Permanent as error:
        if error.status == 404 and record.id:
            return Standing(record, since, Remote("", GONE))
        return Standing(record, since, problem=error.message)
    except CallError as error:
        return Standing(record, since, problem=error.message)


async def _cancelled(api: BatchApi, standing: Standing) -> Standing:
    try:
        remote = await api.cancel(standing.id)
    except CallError as error:
        problem = f"not cancelled: {error.message}"
        return Standing(standing.record, standing.since, standing.remote, problem)
    return Standing(standing.record, standing.since, remote)


def _spec(endpoint: tuple[str, ...]) -> EndpointSpec:
    provider, address, key = endpoint
    return EndpointSpec(provider, address, key or None)
