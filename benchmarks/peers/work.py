"""What each peer is asked to do: the two chained prompts of two_steps.yaml, read and written alike.

Runs in the environment of a peer, so it imports nothing but the standard library.
"""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONCURRENCY = 100  # as in two_steps.yaml
MODEL = "stand-in"
TEMPERATURE = 0.7
KEY = "none-needed"
SECONDS = 600  # at most, of one run
_FORM = 'Reply with JSON: {"reply": "…"}'
# For str.replace: braces of templates differ from peer to peer.
ASK = f"Write one question about this note.\n\n<text>\n\n{_FORM}"
ANSWER = f"Answer the question from the note.\n\n<text>\n\nQuestion: <question>\n\n{_FORM}"


@dataclass(frozen=True, slots=True)
class Work:
    """One run: the records, where the endpoint is, where the answers go."""

    records: list[dict[str, Any]]
    api_base: str
    output: Path

    def write(self, rows: Any) -> None:
        """Write the records with question and answer; an AssertionError if any is missing."""
        kept = [{name: row[name] for name in ("text", "question", "answer")} for row in rows]
        assert len(kept) == len(self.records), f"{len(kept)} rows instead of {len(self.records)}"
        assert all(row["question"] and row["answer"] for row in kept), "an answer is missing"
        self.output.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")


def given() -> Work:
    """Return the work named on the command line: records, address, output.

    A TimeoutError ends the program after some minutes: some peers hang rather than fail.
    """
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    records, api_base, output = sys.argv[1:]
    lines = Path(records).read_text(encoding="utf-8").splitlines()
    return Work([json.loads(line) for line in lines], api_base, Path(output))


def _too_long(*_: object) -> None:
    raise TimeoutError(f"not done after {SECONDS} s")


def filled(template: str, fields: dict[str, Any]) -> str:
    """Return a prompt with the fields of a record in it."""
    for name, value in fields.items():
        template = template.replace(f"<{name}>", str(value))
    return template


def jinja(template: str, prefix: str = "") -> str:
    """Return a prompt as a Jinja template."""
    for name in ("text", "question"):
        template = template.replace(f"<{name}>", f"{{{{ {prefix}{name} }}}}")
    return template


def reply(text: str) -> str:
    """Return what a completion says in its field `reply`."""
    return str(json.loads(text)["reply"])
