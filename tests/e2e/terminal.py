"""The command line on a terminal: standard input and error are one, the output is a pipe."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from tests.e2e.kit import LONGEST, Done, Project


def on_terminal(
    project: Project,
    words: Sequence[str],
    answers: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    interrupt_at: str | None = None,
) -> Done:
    """Run the spec; when the terminal shows a key of `answers`, type its value.

    When it shows `interrupt_at`, send SIGINT, once.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "atkc", "run", "spec.yaml", *words],
        cwd=project.folder,
        env={"TERM": "xterm", "COLUMNS": "100", **project.variables(variables or {})},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        shown = _follow(process, ours, dict(answers or {}), interrupt_at)
        out, _ = process.communicate(timeout=LONGEST)
    finally:
        process.kill()
        os.close(ours)
    return Done(process.returncode, out.decode(), shown)


def _follow(
    process: subprocess.Popen[bytes], ours: int, answers: dict[str, str], interrupt_at: str | None
) -> str:
    shown = b""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        ready, _, _ = select.select([ours], [], [], 0.1)
        if not ready:
            if process.poll() is not None:
                break
            continue
        try:
            block = os.read(ours, 65536)
        except OSError:  # Linux tells so that the other side is closed
            break
        if not block:
            break
        shown += block
        if interrupt_at is not None and interrupt_at.encode() in shown:
            process.send_signal(signal.SIGINT)
            interrupt_at = None
        for asked in [a for a in answers if a.encode() in shown]:
            os.write(ours, answers.pop(asked).encode())
    return shown.decode(errors="replace")
