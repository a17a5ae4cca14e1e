"""What of a spec stays as it was when some of its parameters get other values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.compiler.reads import params_read
from atkc.compiler.scope import Entry, Scope


def untouched(before: Scope, values: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the filled-in entries, by address, that no parameter with another value can change.

    `before` is a scope without findings. What a step reads of `params` stands in its own data:
    also what it is repeated over, and whether it is on.
    """
    changed = {name for name, value in values.items() if before.params.values[name] != value}
    steps = before.document.data.get("steps", {})
    return {
        entry.id: entry
        for name, group in before.groups.items()
        if (read := params_read(steps[name])) is not None and read.isdisjoint(changed)
        for entry in group.entries
    }
