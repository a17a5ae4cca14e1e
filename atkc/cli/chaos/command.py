"""`atkc chaos`: compile, hold the trial in a folder of its own, tell what it found."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from atkc.cli import codes
from atkc.cli.chaos.options import ChaosOptions, Unrest
from atkc.cli.chaos.telling import HEAD, closing, opening, row
from atkc.cli.chaos.trial import Trial
from atkc.cli.chaos.verdict import Calm, Kill, Verdict
from atkc.cli.loading import Chosen, plan_to_run
from atkc.compiler.plan import Plan
from atkc.runtime.errors import UsageError
from atkc.spec.render import as_text


def chaos_of(
    *,
    spec: str,
    sets: tuple[str, ...],
    params: tuple[str, ...],
    env_file: str | None,
    profile: str | None,
    **options: Any,
) -> int:
    """Return the exit code of a command line."""
    shares = {name: options.pop(name) for name in Unrest.__struct_fields__}
    chosen = Chosen(spec, sets, params, env_file, profile)
    return make_chaos(chosen, ChaosOptions(**options, unrest=Unrest(**shares)))


def make_chaos(chosen: Chosen, options: ChaosOptions) -> int:
    """Return the exit code: 0 where all promises were kept, else 1.

    Raises UsageError for options that cannot be, InputError where the spec fails undisturbed.
    """
    options.unrest.check()
    plan = plan_to_run(chosen)
    folder = _folder(options.keep)
    kept = False
    try:
        with _ended_by_signals():
            verdict = held(plan, options, folder)
        kept = not verdict.broken
    finally:
        if kept and options.keep is None:
            shutil.rmtree(folder)
        else:
            sys.stdout.write(f"all of it is in {folder}\n")
    return codes.COMPLETE if kept else codes.FINDINGS


def held(plan: Plan, options: ChaosOptions, folder: Path) -> Verdict:
    """Hold a trial in an empty folder, print it as it goes, return what it found."""

    def began(calm: Calm) -> None:
        sys.stdout.write(opening(calm) + HEAD)
        sys.stdout.flush()

    def tell(number: int, kill: Kill) -> None:
        sys.stdout.write(row(number, kill))
        sys.stdout.flush()

    verdict = Trial(options, plan, folder, began, tell).held()
    sys.stdout.write(closing(verdict))
    sys.stdout.flush()
    if verdict.broken:
        sys.stderr.write(as_text(verdict.broken, {}).rstrip("\n") + "\n")
    return verdict


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """End as at Ctrl-C when SIGTERM or SIGHUP comes: what was begun must not be left running."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _folder(keep: str | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="atkc-chaos-"))
    folder = Path(keep).absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"--keep: `{keep}` is not an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
