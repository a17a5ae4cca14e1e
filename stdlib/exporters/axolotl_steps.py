"""How many optimizer steps a training config comes to, and how much to accumulate for each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from atkc.stdlib.exporters.axolotl_keys import MOST_ACCUMULATION


class Amount(Struct, frozen=True):
    """What the files hold that a config trains on."""

    tokens: int
    records: int


def steps_of(amount: Amount, config: Mapping[str, Any]) -> int:
    """Return the steps on one GPU: full batches of packed sequences, times the epochs.

    What `val_set_size` keeps back for evaluation is not trained on.
    """
    room = _number(config, "sequence_len") * batch_of(config)
    if room <= 0:
        return 0
    each = math.ceil(amount.tokens * (1 - _kept_back(amount, config)) / room)
    return math.floor(each * _number(config, "num_epochs"))


def accumulation(amount: Amount, config: Mapping[str, Any], least: int) -> int:
    """Return the greatest accumulation, up to the usual, that gives at least so many steps."""
    tried = range(MOST_ACCUMULATION, 1, -1)
    key = "gradient_accumulation_steps"
    return next((n for n in tried if steps_of(amount, {**config, key: n}) >= least), 1)


def batch_of(config: Mapping[str, Any]) -> float:
    """Return the sequences of one step."""
    return _number(config, "micro_batch_size") * _number(config, "gradient_accumulation_steps")


def told(amount: Amount, config: Mapping[str, Any]) -> str:
    """Return the estimate in words."""
    back = _kept_back(amount, config)
    less = f" less {back:.0%} for evaluation" if back else ""
    room = f"({_number(config, 'sequence_len'):g} x {batch_of(config):g})"
    epochs = f"{_number(config, 'num_epochs'):g} epochs"
    sum_ = f"{amount.tokens} tokens{less} / {room} x {epochs}"
    return f"About {steps_of(amount, config)} optimizer steps on one GPU: {sum_}"


def _kept_back(amount: Amount, config: Mapping[str, Any]) -> float:
    """Return the part kept back; `val_set_size` is a share, or from 1 up a number of records."""
    size = config.get("val_set_size") or 0
    if not isinstance(size, int | float) or size <= 0:
        return 0.0
    return float(size) if size < 1 else min(1.0, size / max(1, amount.records))


def _number(config: Mapping[str, Any], key: str) -> float:
    value = config.get(key)
    return float(value) if isinstance(value, int | float) else 1.0
