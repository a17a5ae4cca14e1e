"""Stores filled with calls, and ways to spoil them."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from atkc.runtime.keys import call_text, text_key
from atkc.runtime.storage.store import CALL, FILE, Store, open_store

SYSTEM = "You write questions about a passage. " + "Each question stands by itself. " * 40


def asked(number: int, **changes: Any) -> bytes:
    """Return what was asked in call `number`: the same instructions, another passage."""
    passage = " ".join(f"word{number * 37 + n}" for n in range(60))
    messages = (
        {"role": "system", "content": changes.pop("system", SYSTEM)},
        {
            "role": "user",
            "content": f"Passage: {passage}\n\nReply with a question and nothing else.",
        },
    )
    parts: dict[str, Any] = {
        "provider": "openai",
        "model": "large",
        "messages": messages,
        "sampling": {"temperature": 0.7},
        "response_format": None,
        "seed": number,
        "attempt": 0,
    }
    return call_text(**{**parts, **changes})


def reply(number: int) -> bytes:
    """Return the reply of call `number`."""
    return (f'{{"text": "What is word{number}?"}}' * (1 + number % 30)).encode()


def fill(folder: Path, numbers: range = range(100)) -> dict[bytes, bytes]:
    """Store calls, and return their replies by key."""
    store = open_store(folder)
    try:
        return put_all(store, numbers)
    finally:
        store.close()


def put_all(store: Store, numbers: range) -> dict[bytes, bytes]:
    """Store calls in an open store, and return their replies by key."""

    async def go() -> None:
        texts = [asked(n) for n in numbers]
        puts = [
            store.put(text_key(text), CALL, reply(n), text)
            for n, text in zip(numbers, texts, strict=True)
        ]
        await asyncio.gather(*puts)

    asyncio.run(go())
    return {text_key(asked(n)): reply(n) for n in numbers}


def held(folder: Path) -> dict[bytes, bytes]:
    """Return all values that can be read, by key."""
    store = open_store(folder)
    try:
        found = {bytes(key): store.get(key) for (key,) in sql(folder, "SELECT key FROM entry")}
    finally:
        store.close()
    return {key: value for key, value in found.items() if value is not None}


def sql(folder: Path, statement: str, *values: object) -> list[Any]:
    """Run a statement on the file of a store."""
    connection = sqlite3.connect(folder / FILE, isolation_level=None)
    try:
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()


def flip(folder: Path, column: str, key: bytes) -> None:
    """Change one byte of what is stored under a key."""
    ((stored,),) = sql(folder, f"SELECT {column} FROM entry WHERE key=?", key)
    spoiled = bytearray(stored)
    spoiled[-1] ^= 1
    sql(folder, f"UPDATE entry SET {column}=? WHERE key=?", bytes(spoiled), key)
