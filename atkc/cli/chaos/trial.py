"""The trial: a calm run, then the same run killed until it completes, and what that shows."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from atkc.cli import codes
from atkc.cli.chaos.comparing import differing, fingerprints
from atkc.cli.chaos.durable import durable
from atkc.cli.chaos.endpoint import NOTHING, Endpoint, Paid, serving
from atkc.cli.chaos.life import STUCK, Life, lived
from atkc.cli.chaos.options import ChaosOptions
from atkc.cli.chaos.redirection import redirected
from atkc.cli.chaos.schedule import Pace, Point, late_point, points, points_at
from atkc.cli.chaos.verdict import Calm, Kill, Verdict
from atkc.compiler.bindings import slug
from atkc.compiler.plan import Plan, to_json
from atkc.runtime.errors import InputError
from atkc.spec.diagnostic import Diagnostic

_DONE = (codes.COMPLETE, codes.FAILED_RECORDS)
_TRIES = 3  # for each kill: a process may end before it comes

Began = Callable[[Calm], None]
Tell = Callable[[int, Kill], None]


class Trial(Struct):
    """One trial in a folder of its own: the user's cache and outputs are never touched."""

    options: ChaosOptions
    plan: Plan
    folder: Path
    began: Began
    tell: Tell
    _before: Paid = NOTHING  # asked for by all processes so far
    _given_up: Paid = NOTHING
    _kept: Paid = NOTHING  # durable after all processes so far

    def held(self) -> Verdict:
        """Return what the trial found; raises InputError where the calm run fails (ATK093)."""
        o = self.options
        with serving(o.atkc, o.unrest.lasting(o.seed)) as endpoint:
            self._write_plan(endpoint.url)
            verdict = Verdict(self._calm(endpoint))
            self.began(verdict.calm)
            port = int(endpoint.url.rpartition(":")[2].partition("/")[0])
        # The same address: it is part of the name of what is stored.
        with serving(o.atkc, o.unrest.all(o.seed), port) as endpoint:
            self._storm(endpoint, verdict)
        return verdict

    def _write_plan(self, url: str) -> None:
        o = self.options
        plan = redirected(self.plan, url, concurrency=o.concurrency, timeout=o.timeout)
        (self.folder / "plan.json").write_text(to_json(plan), encoding="utf-8", newline="\n")

    def _command(self, cache: str) -> list[str]:
        # Both runs write to one place: the name of a folder must make no difference.
        output = self.folder / "outputs" / slug(self.plan.name)
        places = ["--cache", str(self.folder / cache), "--output", str(output)]
        limits = [word for limit in self.options.limits for word in ("--limit", limit)]
        return [
            *self.options.atkc,
            *("run", str(self.folder / "plan.json")),
            *(*places, *limits, "--plain"),
        ]

    def _files(self) -> dict[str, str]:
        """Return the fingerprints of what the run has written."""
        shown = [p for p in (self.folder / "outputs").iterdir() if not p.name.startswith(".")]
        return {name: told for folder in shown for name, told in fingerprints(folder).items()}

    def _calm(self, endpoint: Endpoint) -> Calm:
        log = self.folder / "undisturbed.log"
        life = lived(self._command("cache-undisturbed"), log, endpoint, None)
        if life.code not in _DONE:
            raise InputError(_unfit(life, log))
        seen = endpoint.settled()
        start = life.seconds if life.first_call is None else life.first_call
        files = self._files()
        shutil.move(self.folder / "outputs", self.folder / "undisturbed")
        assert life.code is not None
        return Calm(life.code, life.seconds, start, seen.asked, seen.repeated, files)

    def _storm(self, endpoint: Endpoint, verdict: Verdict) -> None:
        calm, o = verdict.calm, self.options
        pace = Pace(calm.start, calm.seconds, calm.seconds / max(1, calm.whole))
        left = (points_at(o.at) or points(o.kills, o.seed, pace))[::-1]
        most = len(left) * _TRIES
        chance = random.Random(f"chaos late {o.seed}")
        for _ in range(most):
            if not left:
                break
            point = left.pop()
            life = self._lived(endpoint, verdict, point)
            if life.killed:
                continue
            if life.code != calm.code:
                return
            # All is done: what is left of the kills hits a run that only reads its cache.
            left = [late_point(chance, life.seconds) for _ in range(len(left) + 1)]
        self._complete(endpoint, verdict)

    def _complete(self, endpoint: Endpoint, verdict: Verdict) -> None:
        if self._lived(endpoint, verdict, None).code != verdict.calm.code:
            return
        seen = endpoint.settled()
        verdict.asked = seen.asked
        verdict.repeated = seen.repeated.minus(verdict.calm.repeated)
        for name, repeated, lost in zip(
            ("calls", "texts"), verdict.repeated, verdict.lost, strict=True
        ):
            if repeated > lost:
                verdict.breaks(
                    "ATK091",
                    f"{repeated} {name} were paid for twice, {lost} were in flight at the kills",
                )
        verdict.differing = differing(verdict.calm.files, self._files())
        if verdict.differing:
            named = ", ".join(f"`{name}`" for name in verdict.differing[:5])
            verdict.breaks(
                "ATK090",
                f"{len(verdict.differing)} files differ from those of the undisturbed run: {named}",
                f"compare `{self.folder / 'undisturbed'}` with `{self.folder / 'outputs'}`",
            )

    def _lived(self, endpoint: Endpoint, verdict: Verdict, point: Point | None) -> Life:
        """Run one process; keep its books."""
        log = self.folder / "killed.log"
        life = lived(self._command("cache"), log, endpoint, point, verdict.calm.whole)
        seen, kept = endpoint.settled(), durable(self.folder / "cache")
        asked, stored = seen.asked.minus(self._before), kept.minus(self._kept)
        lost, number = asked.minus(stored), len(verdict.kills) + 1
        # What was not waited for was asked again: a time limit, which is no kill.
        allowed = life.seen.abandoned.minus(self._given_up)
        if life.killed:
            allowed = allowed.plus(life.seen.open).plus(life.seen.recent)
        self._before, self._kept, self._given_up = seen.asked, kept, seen.abandoned
        kill = Kill(life.seconds, asked, life.seen.open, lost, allowed.within(asked))
        if life.killed:
            verdict.kills.append(kill)
            self.tell(number, kill)
        elif life.code != verdict.calm.code:
            verdict.breaks("ATK092", *_wrong_end(life, verdict.calm.code, log))
            return life
        _held_against(verdict, kill, stored, number if life.killed else None)
        return life


def _held_against(verdict: Verdict, kill: Kill, stored: Paid, number: int | None) -> None:
    """Add what the store lost beyond what was in flight."""
    when = "at the end of a run" if number is None else f"at kill {number}"
    for name, lost, allowed, came in zip(
        ("calls", "texts"), kill.lost, kill.allowed, stored, strict=True
    ):
        if came < 0:
            verdict.breaks("ATK091", f"{when} {-came} {name} that had been durable were gone")
        elif lost > allowed:
            verdict.breaks(
                "ATK091",
                f"{when} {lost} {name} were paid for and not durable; "
                f"at most {allowed} can have been in flight",
            )


def _wrong_end(life: Life, wanted: int, log: Path) -> tuple[str, str]:
    how = f"nothing happened for {STUCK:g} s" if life.code is None else f"exit code {life.code}"
    return f"a run went on after a kill and ended otherwise: {how}, not {wanted}", f"see `{log}`"


def _unfit(life: Life, log: Path) -> Diagnostic:
    how = "hangs" if life.code is None else f"ends with exit code {life.code}"
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
    advice = "\n".join(["mend this first; it said:", *said])
    return Diagnostic("ATK093", f"the run {how} when nothing disturbs it", help=advice)
