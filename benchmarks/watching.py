"""What it costs to watch a run: frames of the live view, and telemetry of each call.

    python benchmarks/watching.py            4,000 calls, 20 frames
    python benchmarks/watching.py --quick    few of each, no bounds

Prints CPU seconds, so that other work on the machine counts little. The collector is a process of
its own on this machine. Ends with 1 if a bound is missed.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from lines import Line, ended, options_of
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1]))

from atkc.cli import progress
from atkc.cli.picture import Painter
from atkc.cli.screen import rendered
from atkc.cli.telemetry.opening import open_telemetry
from atkc.compiler.front import compile_file
from atkc.compiler.plan import Plan
from atkc.runtime.api import EmbeddingRequest, Embeddings, Reply, Request
from atkc.runtime.calling.outcome import Counters
from atkc.runtime.ledger import LedgerRow
from atkc.runtime.modelspec import EndpointSpec
from atkc.runtime.transport.watched import WatchedTransport
from atkc.spec.places import canonical
from atkc.stdlib.library import library

COLLECTOR = """
import http.server
class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
    def log_message(self, *said): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(server.server_port, flush=True)
server.serve_forever()
"""
ENDPOINT = EndpointSpec("openai", "http://127.0.0.1:8080/v1")
REQUEST = Request("m", ({"role": "user", "content": "x" * 3000},), {"max_tokens": 900}, None, 7)


class _Instant:
    async def complete(self, _: Request) -> Reply:
        return Reply("x" * 500, "stop", "m", 300, 80)

    async def embed(self, _: EmbeddingRequest) -> Embeddings:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""


async def _calls(number: int, ask: Callable[[Request], Awaitable[Reply]]) -> None:
    for at in range(number):
        await ask(REQUEST)
        if at % 10 == 0:
            await asyncio.sleep(0.005)  # some 2,000 calls a second: the exporter keeps up


async def telemetry(number: int) -> float:
    """Return CPU milliseconds of a call that is told of, less those of one that is not."""
    before = time.process_time()
    await _calls(number, _Instant().complete)
    bare = time.process_time() - before
    with open_telemetry(Plan(name="p", nodes=[]), quiet=False) as told:
        before = time.process_time()
        await _calls(number, WatchedTransport(_Instant(), ENDPOINT, told.observe).complete)
    return 1000 * (time.process_time() - before - bare) / number


def frame(number: int) -> float:
    """Return CPU milliseconds of one frame of the largest recipe."""
    plan = compile_file(canonical("atkc:recipes/factual.yaml"), library()).plan
    assert plan is not None
    rows = tuple(
        LedgerRow(n.id, "", 100, 50, 3, 0, 1, 0, 0, 0, 0, (("main", 50),), 40, 3, 1, 1, 0.1)
        for n in plan.nodes
    )
    console = Console(file=io.StringIO(), width=120, height=50, force_terminal=True)
    painter, totals = Painter(plan), Counters(calls=500, money=2.0)
    before = time.process_time()
    for at in range(number):
        shown = painter.paint(float(at), rows, totals, 3, foreseeable=True)
        console.print(rendered(shown, console))
    return 1000 * (time.process_time() - before) / number


def lines(calls: int, frames: int) -> list[Line]:
    """Measure both."""
    collector = subprocess.Popen([sys.executable, "-c", COLLECTOR], stdout=subprocess.PIPE)
    try:
        assert collector.stdout is not None
        port = int(collector.stdout.readline())
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
        call = asyncio.run(telemetry(calls))
    finally:
        collector.kill()
        collector.communicate()
    cost = frame(frames)
    every = max(progress.FRAME, cost / 1000 / progress.SHARE)
    return [
        Line("telemetry: CPU of a call", "ms", [call], 0.35),
        Line("live view: CPU of a frame", "ms", [cost], 30),
        Line("  share of a core", "%", [cost / 10 / every], 1),
    ]


def main() -> int:
    quick = options_of(__doc__).parse_args().quick
    told = lines(200, 3) if quick else lines(4000, 20)
    return ended(told, bounds=not quick)


if __name__ == "__main__":
    sys.exit(main())
