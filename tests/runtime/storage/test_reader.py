"""Reading many values in one transaction: its end is nobody's error."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from atkc.runtime.storage.reader import Reader


class Damaged:
    """A connection to a file that was damaged after a transaction had begun."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def cursor(self) -> Damaged:
        return self

    def execute(self, statement: str, *_: object) -> Damaged:
        self.said.append(statement.split(maxsplit=1)[0])
        if statement == "COMMIT":
            raise sqlite3.DatabaseError("database disk image is malformed")
        return self

    def fetchone(self) -> tuple[bytes]:
        return (b"value",)


def test_damage_found_at_the_end_of_a_turn_is_left_to_who_reads_next() -> None:
    connection = Damaged()
    unhandled: list[dict[str, Any]] = []

    async def go() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: unhandled.append(told))
        reader = Reader(connection)  # type: ignore[arg-type]
        assert [reader.get(b"key") for _ in range(3)] == [b"value"] * 3
        await asyncio.sleep(0)
        assert reader.get(b"key") == b"value"

    asyncio.run(go())
    assert connection.said[:6] == ["SELECT", "BEGIN", "SELECT", "SELECT", "COMMIT", "ROLLBACK"]
    assert not unhandled
