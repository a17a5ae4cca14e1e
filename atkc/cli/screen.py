"""The part of a terminal that a run draws on: one frame over the other, no trace of it at the end.

Frames are painted in a thread of their own, so a terminal that is slow or held (Ctrl-S) does not
hold the run. The cursor is never hidden: nothing has to be put right after a `kill -9`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from atkc.cli.picture import Picture
from atkc.cli.view import Told, frame

_PATIENCE = 5.0  # seconds for the last frame to be written


class _Console(Console):
    def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002  # it stays shown
        return False


class Screen:
    """Shows pictures until it is closed."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _Console(stderr=True)
        self.spent = 0.0  # seconds of CPU that the last frame took
        self._next: Picture | None = None
        self._closed = False
        self._wake = threading.Event()
        self._live = Live(
            console=self.console, auto_refresh=False, transient=True, vertical_overflow="crop"
        )
        self._live.start()
        self._thread = threading.Thread(target=self._paint, name="atkc-screen", daemon=True)
        self._thread.start()

    def show(self, picture: Picture) -> None:
        """Paint a picture soon; one that has not been painted yet is passed over."""
        self._next = picture
        self._wake.set()

    def line(self, text: str) -> None:
        """Print a line above the picture."""
        self.console.print(text, highlight=False, markup=False)

    def close(self) -> None:
        """Take the picture away."""
        self._closed = True
        self._wake.set()
        self._thread.join(_PATIENCE)
        if not self._thread.is_alive():
            self._live.stop()

    def _paint(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._closed:
                return
            picture, before = self._next, time.thread_time()
            if picture is not None:
                self._live.update(rendered(picture, self.console), refresh=True)
            self.spent = time.thread_time() - before


def rendered(picture: Picture, console: Console) -> Group:
    """Return a picture for the size that the console has now."""
    size = console.size
    return _texts(frame(picture, size.width, size.height, ascii_only=console.options.ascii_only))


def _texts(lines: Sequence[Told]) -> Group:
    texts = (Text(x.text, x.style, no_wrap=True, overflow="crop") for x in lines)
    return Group(*texts) if lines else Group("")
