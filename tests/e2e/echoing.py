"""Endpoints inside the test: one that echoes what it got, one that answers by a function."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]  # (authorization, request)


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """Serve on a free port of this machine within the block, which gets the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # header and body go in two writes

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, told = answer(self.headers.get("Authorization", ""), json.loads(body))
            content = json.dumps(told, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def echoing(status: int) -> Iterator[str]:
    """Serve an endpoint that refuses all calls and repeats the header with the key."""

    def answer(authorization: str, _request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return status, {"error": {"message": f"got {authorization}", "type": authorization}}

    with answering(answer) as url:
        yield url


def completion(text: str) -> tuple[int, dict[str, Any]]:
    """Return the answer of an endpoint that says this text."""
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return 200, {"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}
