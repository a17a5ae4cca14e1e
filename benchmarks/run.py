"""Every number that the speed of atkc is promised by, measured in one go.

    python benchmarks/run.py            three runs of each, about a minute
    python benchmarks/run.py --quick    one small run of each, no bounds: does it still work?

Measures the interpreter that it runs under and the atkc installed there, else this checkout.
Ends with 1 if a bound is missed. See README.md for what each line means.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
from lines import Line, ended, options_of
from standin import StandIn, standing_in
from timing import Run, timed

HERE = Path(__file__).parent
SPEC = HERE / "two_steps.yaml"
CONCURRENCY = 100  # as in two_steps.yaml
_TEXT = "the old ferry left north pier before dawn with coal flour mail and two quiet crew"


@dataclass(frozen=True, slots=True)
class Size:
    """How much work: records of two calls each, the server's latency in seconds, runs of each."""

    records: int
    latency: float
    runs: int

    @property
    def calls(self) -> int:
        return 2 * self.records

    @property
    def bound(self) -> float:
        """Return the seconds that nothing can beat: all slots busy all the time."""
        return self.calls * self.latency / CONCURRENCY


class Bench:
    """Runs programs in a folder of its own, with byte code and without the caller's settings."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder = folder
        self.size = size
        self.environment = _environment()
        self.atkc = [sys.executable, "-m", "atkc"]
        if not self._installed():
            self.environment["PYTHONPATH"] = str(HERE.parent)
        script = Path(sys.executable).with_name("atkc")
        if script.exists() and "PYTHONPATH" not in self.environment:
            self.atkc = [str(script)]
        self.records = folder / "records.jsonl"
        self.records.write_bytes(b"".join(_records(size.records)))

    def run(self, *command: str) -> Run:
        """Return how a process went."""
        return timed(command, self.folder, self.environment)

    def repeated(self, *command: str) -> list[Run]:
        """Return how equal processes went, after one that only makes byte code."""
        self.run(*command)
        return [self.run(*command) for _ in range(self.size.runs)]

    def handmade(self, server: StandIn, number: int, *more: str) -> Run:
        """Run the client written by hand with a cache of that number, maybe more options."""
        cache, out = f"handmade-{number}.cache", f"handmade-{number}.jsonl"
        words = [
            str(self.records),
            server.api_base,
            cache,
            out,
            "--latency",
            str(self.size.latency),
        ]
        words += ["--concurrency", str(CONCURRENCY), *more]
        return self.run(sys.executable, str(HERE / "handmade.py"), *words)

    def two_steps(self, server: StandIn, number: int, *more: str) -> Run:
        """Run `atkc run` with a cache and an output folder of that number, maybe more settings."""
        sets = ["--set", f"records={self.records}", "--set", f"api_base={server.api_base}"]
        sets += [word for setting in more for word in ("--set", setting)]
        places = ["--cache", f"cache-{number}", "--output", f"out-{number}", "--plain"]
        return self.run(*self.atkc, "run", "--yes", str(SPEC), *sets, *places)

    def dataset(self, number: int) -> bytes:
        """Return what `two_steps` exported."""
        return (self.folder / f"out-{number}" / "answers.jsonl").read_bytes()

    def _installed(self) -> bool:
        found = subprocess.run(
            [sys.executable, "-c", "import atkc.cli"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
        )
        return found.returncode == 0


def _environment() -> dict[str, str]:
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "COVERAGE_PROCESS_START")
    kept = {k: v for k, v in os.environ.items() if k not in unwanted}
    return {k: v for k, v in kept.items() if not k.startswith("ATKC_")}


def _records(count: int) -> list[bytes]:
    dice = random.Random(0)
    words = _TEXT.split()
    texts = (" ".join(dice.choices(words, k=30)) for _ in range(count))
    notes = ({"text": f"Note {number}: {text}."} for number, text in enumerate(texts))
    return [orjson.dumps(note, option=orjson.OPT_APPEND_NEWLINE) for note in notes]


def client_lines(bench: Bench) -> list[Line]:
    """Measure the two clients by turns, each cold and then from its cache, on one server."""
    size = bench.size
    hand, cold, warm, hand_warm = [], [], [], []
    with standing_in(size.latency) as server:
        for number in range(-1, size.runs):  # the first makes byte code and is not counted
            hand.append(counted(server, size.calls, bench.handmade, number))
            hand_warm.append(counted(server, 0, bench.handmade, number))
            cold.append(counted(server, size.calls, bench.two_steps, number))
            before = bench.dataset(number)
            warm.append(counted(server, 0, bench.two_steps, number))
            assert bench.dataset(number) == before, "a run from the cache wrote another file"
            assert before.count(b"\n") == size.records, "records are missing"
    hand, cold, warm, hand_warm = hand[1:], cold[1:], warm[1:], hand_warm[1:]
    own = [orjson.loads(run.output)["wall"] / size.bound for run in hand]
    # Neighbours in time share the machine's mood, so each run is set against its own yardstick.
    ratios = [ours.wall / theirs.wall for ours, theirs in zip(cold, hand, strict=True)]
    per_call = 1000 / size.calls
    return [
        Line("two steps, by hand: wall", "s", [r.wall for r in hand]),
        Line("  against the bound", "x", own, 1.3),
        Line("  CPU per call", "ms", [r.cpu * per_call for r in hand]),
        Line("  peak memory", "MB", [r.peak for r in hand]),
        Line("  again from the cache: wall", "s", [r.wall for r in hand_warm]),
        Line("two steps, `atkc run`: wall", "s", [r.wall for r in cold]),
        Line("  against by hand", "x", ratios, 1.15),
        Line("  CPU per call", "ms", [r.cpu * per_call for r in cold], 0.35),
        Line("  peak memory", "MB", [r.peak for r in cold], 120),
        Line("  again from the cache: wall", "s", [r.wall for r in warm], 0.8),
        Line("  again from the cache: CPU", "s", [r.cpu for r in warm]),
        Line("  again from the cache: peak memory", "MB", [r.peak for r in warm]),
    ]


def counted(
    server: StandIn, expected: int, client: Callable[[StandIn, int], Run], number: int
) -> Run:
    """Return how a client ran; it must have made as many calls as expected."""
    before = server.calls()
    run = client(server, number)
    made = server.calls() - before
    assert made == expected, f"{made} calls instead of {expected}: {run.output}"
    return run


def start_lines(bench: Bench, recipe: str) -> list[Line]:
    """Measure commands that should feel immediate, each in fresh processes."""
    lint = bench.repeated(*bench.atkc, "lint", recipe)
    version = bench.repeated(*bench.atkc, "--version")
    bare = bench.repeated(sys.executable, "-c", "pass")
    return [
        Line(f"`atkc lint {recipe}`: wall", "s", [r.wall for r in lint], 0.5),
        Line("  CPU", "s", [r.cpu for r in lint]),
        Line("  peak memory", "MB", [r.peak for r in lint]),
        Line("`atkc --version`: wall", "s", [r.wall for r in version], 0.15),
        Line("`python -c pass`: wall", "s", [r.wall for r in bare]),
    ]


def main() -> int:
    parser = options_of(__doc__, runs=3)
    parser.add_argument("--recipe", default="recipes/factual.yaml", help="what `lint` is timed on")
    options = parser.parse_args()
    size = Size(40, 0.005, 1) if options.quick else Size(2000, 0.05, max(1, options.runs))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), size)
        where = bench.environment.get("PYTHONPATH", "installed")
        sys.stdout.write(
            f"{size.records} records, {size.calls} calls, {size.latency * 1000:g} ms each, "
            f"{CONCURRENCY} in flight: bound {size.bound:g} s; runs: {size.runs}; "
            f"Python {sys.version.split()[0]}; atkc: {where}; load {os.getloadavg()[0]:.1f}\n\n"
        )
        lines = [*client_lines(bench), *start_lines(bench, options.recipe)]
    return ended(lines, bounds=not options.quick)


if __name__ == "__main__":
    sys.exit(main())
