"""The output folder that a command means: the one named, else the newest in `outputs`."""

from __future__ import annotations

from pathlib import Path

from atkc.cli.outputs import Outputs, mistake, outputs_in
from atkc.runtime.publish import MANIFEST

BASE = Path("outputs")


def chosen(folder: str | None) -> Outputs:
    """Return the outputs; raises InputError ATK030, and ATK066 where there are none."""
    return outputs_in(newest() if folder is None else Path(folder))


def newest() -> Path:
    """Return the folder of outputs that was written last; raises InputError ATK066."""
    found = list(BASE.glob(f"*/{MANIFEST}"))
    if not found:
        raise mistake("ATK066", f"`{BASE}` holds no outputs of a run", "name the output folder")
    last = max(found, key=lambda path: (path.stat().st_mtime_ns, path.as_posix()))
    return last.parent
