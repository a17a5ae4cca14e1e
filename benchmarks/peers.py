"""How atkc stands beside other tools on the same work: the two steps of run.py.

    python benchmarks/peers.py --install            an environment for each, half a gigabyte each
    python benchmarks/peers.py --peers curator      only this one, where it is installed already
    python benchmarks/peers.py --quick              one small run of each, no bounds

pip installs the peers, each into an environment of its own below `--folder`. Before each run of a
peer stands one of `atkc run`, and its ratio is to this neighbour. What cannot be installed or run
is left out with its reason. Ends with 1 if a bound is missed or if nothing could be compared.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from endpoint import Endpoint, endpoint
from lines import options_of
from peer_environments import PEERS, PROGRAMS, Peer, Skipped, check, install, last, settings
from run import CONCURRENCY, Bench, Size
from timing import Run, timed

BEST, REST = 4.0, 5.0  # atkc is at least so many times as fast
_DEFAULT = Path("~/.cache/atkc-benchmarks/peers")


@dataclass(slots=True)
class Measured:
    """The runs of a tool, each beside its neighbour of `atkc run`; or why there are none."""

    name: str
    runs: list[Run] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    reason: str = ""

    @property
    def ratio(self) -> float:
        return median(self.ratios)


class Contest:
    """Runs the peers and atkc by turns on the same records."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._bench = bench
        self._folder = folder
        self._warm = bench.folder / "warm.jsonl"
        lines = bench.records.read_bytes().splitlines(keepends=True)
        self._warm.write_bytes(b"".join(lines[:10]))
        self._number = 0

    def rounds(self, peers: Iterable[Peer]) -> list[Measured]:
        """Return `atkc run` and the peers as measured, each once a round.

        First each runs on a few records, uncounted: to see whether it can, and to read its files.
        """
        ours, theirs = Measured("atkc run"), {peer: Measured(peer.name) for peer in peers}
        self.ours()  # makes byte code and is not counted
        for peer, measured in theirs.items():
            self._guarded(measured, lambda peer=peer: self._run(peer, self._warm, 0))
            measured.runs.clear()
        for _ in range(self._bench.size.runs):
            for peer, measured in theirs.items():
                if not measured.reason:
                    ours.runs.append(self.ours())
                    self._guarded(measured, lambda peer=peer: self.peer(peer))
                    if not measured.reason:
                        measured.ratios.append(measured.runs[-1].wall / ours.runs[-1].wall)
        return [ours, *theirs.values()]

    def ours(self) -> Run:
        """Run `atkc run` with a cache of its own."""
        self._number += 1
        number = self._number
        return self._asked(self._bench.size.calls, lambda s: self._bench.two_steps(s, number))

    def peer(self, peer: Peer) -> Run:
        """Run a peer with empty caches; raises Skipped."""
        return self._run(peer, self._bench.records, self._bench.size.calls)

    def _run(self, peer: Peer, records: Path, calls: int) -> Run:
        python, program = peer.python(self._folder), PROGRAMS / peer.program
        with tempfile.TemporaryDirectory(dir=self._bench.folder) as name:
            home = Path(name)
            words = [str(python), str(program), str(records)]
            given = settings(peer, self._folder, home)
            return self._asked(
                calls, lambda s: timed([*words, s.api_base, str(home / "out.jsonl")], home, given)
            )

    def _asked(self, calls: int, client: Callable[[Endpoint], Run]) -> Run:
        with endpoint(self._bench.size.latency) as server:
            run = client(server)
            made, _ = server.span()
        if made < calls:
            raise Skipped(f"it made {made} calls instead of {calls}")
        return run

    def _guarded(self, measured: Measured, run: Callable[[], Run]) -> None:
        """Note a run, or why there is none."""
        try:
            measured.runs.append(run())
        except Skipped as error:
            measured.reason = str(error)
        except RuntimeError as error:  # what it said when it failed
            measured.reason = last(str(error).splitlines())


def ready(
    peers: Iterable[Peer], folder: Path, *, wanted: bool
) -> tuple[list[Peer], list[Measured]]:
    """Return the peers that are installed, after installing them if wanted, and the others."""
    able, left = [], []
    for peer in peers:
        try:
            if wanted:
                install(peer, folder)
            check(peer, folder)
        except Skipped as error:
            left.append(Measured(peer.name, reason=str(error)))
        else:
            able.append(peer)
    return able, left


def bounds(peers: Sequence[Measured]) -> dict[str, float]:
    """Return how many times as fast as each atkc must be: less for the best of them."""
    compared = sorted((peer for peer in peers if not peer.reason), key=lambda peer: peer.ratio)
    return {peer.name: BEST if place == 0 else REST for place, peer in enumerate(compared)}


def table(ours: Measured, peers: Sequence[Measured], calls: int, *, bounded: bool) -> str:
    """Return the tools as text: wall, CPU, memory, ratio, bound; then who was left out and why."""
    head = f"{'':<12} {'wall s':>8} {'CPU ms/call':>12} {'peak MB':>8} {'x atkc':>8}   at least"
    rows, least = [head], bounds(peers)
    for tool in (ours, *peers):
        if tool.reason:
            rows.append(f"{tool.name:<12} left out: {tool.reason}")
        elif tool.runs:
            cells = (
                f"{median(run.wall for run in tool.runs):>8.2f}",
                f"{1000 * median(run.cpu for run in tool.runs) / calls:>12.2f}",
                f"{max(run.peak for run in tool.runs):>8.0f}",
                f"{tool.ratio:>8.1f}   " if tool.ratios else "",
            )
            rows.append(f"{tool.name:<12} {' '.join(cells)}{_verdict(tool, least, bounded)}")
    return "\n".join(row.rstrip() for row in rows) + "\n"


def _verdict(tool: Measured, least: dict[str, float], bounded: bool) -> str:
    if not bounded or tool.name not in least:
        return ""
    bound = least[tool.name]
    return f"{bound:<8g} {'held' if tool.ratio >= bound else 'MISSED'}"


def failed(peers: Sequence[Measured]) -> bool:
    """Return whether a bound is missed, or none could be looked at."""
    least = bounds(peers)
    return not least or any(p.ratio < least[p.name] for p in peers if p.name in least)


def main() -> int:
    parser = options_of(__doc__, runs=3)
    parser.add_argument("--install", action="store_true", help="install what is not installed yet")
    parser.add_argument("--peers", default="all", help=f"all, or some of {','.join(PEERS)}")
    parser.add_argument("--folder", type=Path, default=_DEFAULT, help="where they are installed")
    options = parser.parse_args()
    names = [*PEERS] if options.peers == "all" else options.peers.split(",")
    if unknown := [name for name in names if name not in PEERS]:
        parser.error(f"no such peer: {', '.join(unknown)}; there are {', '.join(PEERS)}")
    size = Size(40, 0.005, 1) if options.quick else Size(2000, 0.05, max(1, options.runs))
    place = options.folder.expanduser().resolve()
    able, left = ready([PEERS[name] for name in names], place, wanted=options.install)
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(
            f"{size.calls} calls, {size.latency * 1000:g} ms each, {CONCURRENCY} in flight: bound "
            f"{size.bound:g} s; runs: {size.runs}; load {os.getloadavg()[0]:.1f}\n\n"
        )
        ours, *measured = Contest(Bench(Path(folder), size), place).rounds(able)
    measured += left
    sys.stdout.write(table(ours, measured, size.calls, bounded=not options.quick))
    return int(not options.quick and failed(measured))


if __name__ == "__main__":
    sys.exit(main())
