"""An endpoint inside the test: the offline model, with faults at the calls that are meant."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from atkc.stdlib.extractive.model import complete, embed
from atkc.stdlib.model_server.faults import NONSENSE_TEXT

GOOD, SLOW, HELD = "good", "slow", "held"
DROPPED, NONSENSE = "dropped", "nonsense"  # what else may come is a status

DELAY = 0.1  # seconds, many times what an answer takes

# (what is asked, how often that was, how many good answers there were) -> what comes of it
Stage = Callable[[str, int, int], "str | int"]


def calm(_text: str, _seen: int, _answered: int) -> str:
    """Answer everything."""
    return GOOD


@dataclass
class Endpoint:
    """What was asked, and what comes of it. Texts of an embedding are paid for one by one."""

    stage: Stage = calm
    url: str = ""
    paid: Counter[str] = field(default_factory=Counter)  # by what was asked: answered, or held
    met: Counter[str | int] = field(default_factory=Counter)
    held: set[str] = field(default_factory=set)
    _seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _gate: threading.Event = field(default_factory=threading.Event)

    def begin(self, stage: Stage = calm) -> None:
        """Forget all that was."""
        self.release()
        self.paid, self.met, self._seen = Counter(), Counter(), Counter()
        self.stage, self.held = stage, set()

    def release(self) -> None:
        """Answer what is held, and from now on everything."""
        with self._lock:
            self.stage = calm
            self._gate.set()
            self._gate = threading.Event()

    @property
    def answered(self) -> int:
        """Return how many requests got a good answer."""
        return self.met[GOOD]

    @property
    def repeated(self) -> int:
        """Return how much was paid for more than once."""
        return self.paid.total() - len(self.paid)

    def decide(self, path: str, body: dict[str, Any]) -> tuple[str | int, threading.Event]:
        """Count a request; return what comes of it."""
        named = json.dumps([path, body], sort_keys=True)
        with self._lock:
            due = self.stage(named, self._seen[named], self.answered)
            self._seen[named] += 1
            self.met[due] += 1
            contents = [f"text {t}" for t in body["input"]] if "input" in body else [named]
            if due in (GOOD, SLOW, HELD, NONSENSE):
                self.paid.update(contents)
            if due == HELD:
                self.held.update(contents)
            return due, self._gate


def said(path: str, body: dict[str, Any], *, nonsense: bool) -> dict[str, Any]:
    """Return what the offline model says to a request."""
    if path.endswith("/embeddings"):
        found = embed(body["input"], body.get("dimensions"))
        rows = [{"index": n, "embedding": list(v)} for n, v in enumerate(found.vectors)]
        return {"data": rows, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    reply = complete(body["messages"], body.get("response_format"), body.get("seed") or 0)
    text = NONSENSE_TEXT if nonsense else reply.text
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
    return {"choices": [choice], "usage": usage}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients are killed here."""


@contextmanager
def serving() -> Iterator[Endpoint]:
    """Serve within the block, on a free port of this machine."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # header and body go in two writes

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            due, gate = endpoint.decide(self.path, body)
            if due == HELD:
                gate.wait(60)
            if due == SLOW:
                time.sleep(DELAY)
            if due == DROPPED:
                self.close_connection = True
                return
            status = due if isinstance(due, int) else 200
            told = said(self.path, body, nonsense=due == NONSENSE)
            content = json.dumps(told if status == 200 else {"error": {"message": "no"}}).encode()
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "0.01")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield endpoint
    finally:
        endpoint.release()
        server.shutdown()
        thread.join()
        server.server_close()
