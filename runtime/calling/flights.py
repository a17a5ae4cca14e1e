"""Equal calls at one time: one flies, the others wait for what it brings."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

_REMEMBERED = 1024  # keys that landed last


class Flights:
    """Calls in the air by key. A leader that is cancelled leaves its followers to try again.

    `landed` counts those that brought something.
    """

    def __init__(self) -> None:
        self.landed = 0
        self._recent: OrderedDict[bytes, int] = OrderedDict()  # key -> its number
        self._followers: dict[bytes, list[asyncio.Future[bytes | None]]] = {}

    def landed_since(self, landed: int, key: bytes) -> bool:
        """Return whether the key may have landed since so many had."""
        if self.landed - landed > _REMEMBERED:
            return True
        return self._recent.get(key, 0) > landed

    def lead(self, key: bytes) -> bool:
        """Return whether the caller flies; if so it must `land` or `fail` in the end."""
        if key in self._followers:
            return False
        self._followers[key] = []
        return True

    async def follow(self, key: bytes) -> bytes | None:
        """Return what the leader brings, None if it was cancelled; raises what the leader raises.

        To be called at once after `lead` was false.
        """
        return await self.join(key)

    def join(self, key: bytes) -> asyncio.Future[bytes | None]:
        """Return the future of what `follow` returns, also for the leader itself."""
        future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._followers[key].append(future)
        return future

    def land(self, key: bytes, value: bytes | None) -> None:
        """Give all followers the value."""
        if value is not None:
            self.landed += 1
            self._recent[key] = self.landed
            if len(self._recent) > _REMEMBERED:
                self._recent.popitem(last=False)
        for future in self._followers.pop(key):
            if not future.done():
                future.set_result(value)

    def fail(self, key: bytes, error: BaseException) -> None:
        """Give all followers the exception; of a cancelled leader they are told None."""
        if not isinstance(error, Exception):
            self.land(key, None)
            return
        for future in self._followers.pop(key):
            if not future.done():
                future.set_exception(error)
