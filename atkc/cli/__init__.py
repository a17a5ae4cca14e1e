"""The command line: the only room that knows every layer.

Exit codes: 0 complete · 1 findings or bad input · 2 usage · 3 a bug of ours · 4 complete with
failed records · 5 stopped by a budget, a gate or a missing consent · 6 the cache cannot be
written · 130 interrupted.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from atkc import __version__

        print(f"atkc {__version__}")
        return
    from atkc.cli.streams import mend_streams

    mend_streams()
    # Starting up makes many things and throws few away: looking through them takes 10 ms.
    gc.set_threshold(200_000, 20, 20)
    try:
        code = _run(arguments)
    except KeyboardInterrupt:  # before anything that heeds it was loaded
        sys.stderr.write("atkc: interrupted; the same command goes on from here\n")
        code = 130
    from atkc.cli.leaving import leave

    leave(code, *arguments[:1])


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["lint"] and arguments[1:] and not any(a[:1] == "-" for a in arguments):
        # The common call in CI and editors needs no parser of options.
        from atkc.cli.errors import guarded
        from atkc.cli.linting import lint_specs

        return guarded(lambda: lint_specs(arguments[1:], "text", sets=(), params=(), env_file=None))
    from atkc.cli.entry import run

    return run(arguments)
