"""Seeded chance of records: hashes of run seed, label and identity, so that ranks never matter."""

from __future__ import annotations

import hashlib

from atkc.runtime.stage import Stage


def rank(stage: Stage, label: str, key: bytes) -> int:
    """Return a number from 0 to 2**64 - 1 that a record's identity (or another key) draws."""
    seed = stage.run.settings.run_seed
    text = b"%d\0%s\0%s\0%s" % (seed, label.encode(), stage.node.draw.encode(), key)
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")


def share(stage: Stage, label: str, key: bytes) -> float:
    """Return a number from 0 up to 1 that a record's identity (or another key) draws."""
    return (rank(stage, label, key) >> 11) / (1 << 53)
