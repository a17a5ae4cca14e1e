"""The cache: whether its store opens, the version of its tables, and what it lies on."""

from __future__ import annotations

from atkc.cli.doctor.case import Case
from atkc.cli.doctor.finding import Finding, ok, problem, warning
from atkc.cli.doctor.machine.disk import existing
from atkc.runtime.errors import StoreError
from atkc.runtime.storage.mounts import network_file_system
from atkc.runtime.storage.schema import VERSION
from atkc.runtime.storage.store import FILE, open_store

_BUSY = 5.0  # seconds to wait while another process writes


async def check(case: Case) -> list[Finding]:
    """Open the store if there is one; a new one is not made."""
    kind = network_file_system(existing(case.cache))
    found = []
    if kind is not None:
        said = f"`{case.cache}` lies on a network file system ({kind}), where SQLite may fail"
        found.append(warning(said, "choose a folder on a local disk with `--cache`"))
    if not (case.cache / FILE).exists():
        return [*found, ok(f"there is none in `{case.cache}` yet")]
    try:
        store = open_store(case.cache, busy_timeout=_BUSY)
    except (StoreError, OSError) as error:
        fix = "move the folder away, or choose another with `--cache`"
        return [*found, problem(str(error), fix)]
    store.close()
    return [*found, ok(f"the store in `{case.cache}` opens (version {VERSION} of its tables)")]
