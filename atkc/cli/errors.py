"""From exceptions to exit codes: users get sentences, bugs get a file to send."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import structs
from msgspec.structs import replace

from atkc.cli import codes

if TYPE_CHECKING:
    from atkc.spec.diagnostic import Diagnostic

# What the machine refuses is for the user to mend: it is no bug of ours.
_REFUSED = frozenset(
    getattr(errno, name)
    for name in (
        *("EACCES", "EDQUOT", "EEXIST", "EFBIG", "EISDIR", "ELOOP", "EMFILE", "ENAMETOOLONG"),
        *("ENOENT", "ENOSPC", "ENOTDIR", "ENOTEMPTY", "EPERM", "EROFS", "EXDEV"),
    )
    if hasattr(errno, name)
)

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MAKE_ROOM = "; make room and run the same command again: replies in the cache are kept"


def guarded(work: Callable[[], Any]) -> int:
    """Return the exit code of a command, after telling what ended it."""
    try:
        result = work()
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return codes.COMPLETE
    except Exception as error:  # noqa: BLE001  # the last net: a bug becomes a file to send
        return _of(error)
    return result if isinstance(result, int) else codes.COMPLETE


def _interrupted() -> int:
    return _say("interrupted; the same command goes on from here", codes.INTERRUPTED)


def _of(error: Exception) -> int:
    import click

    from atkc.cli.loading import ReportedError
    from atkc.runtime import errors
    from atkc.spec.render import as_text

    match error:
        case click.ClickException():
            error.show()
            return codes.USAGE
        case click.exceptions.Abort():  # what click makes of Ctrl-C
            return _interrupted()
        case errors.Interrupted():
            return _interrupted()
        case ReportedError():
            return codes.FINDINGS
        case errors.UsageError():
            return _say(str(error), codes.USAGE)
        case errors.InputError() | errors.StopRun():
            sys.stderr.write(as_text([near(error.diagnostic)], {}).rstrip("\n") + "\n")
            stopped = isinstance(error, errors.StopRun)
            return codes.STOPPED if stopped else codes.FINDINGS
        case errors.Permanent():
            return _say(f"error[{error.fatal or 'ATK703'}]: {error.message}", codes.FINDINGS)
        case errors.StoreError():
            return _say(f"error[ATK706]: {error}", codes.STORE)
        case OSError() if error.errno in _REFUSED:
            where = f"`{error.filename}`: " if error.filename else ""
            advice = _MAKE_ROOM if error.errno in _FULL else ""
            return _say(f"error[ATK001]: {where}{error.strerror}{advice}", codes.FINDINGS)
    return _bug(error)


def near(found: Diagnostic) -> Diagnostic:
    """Return the finding with its file told as lint tells it."""
    if found.span is None:
        return found
    from atkc.compiler.load import shown

    return structs.replace(found, span=replace(found.span, path=shown(found.span.path)))


def _say(text: str, code: int) -> int:
    from atkc.spec.screen import printable

    sys.stderr.write(f"atkc: {printable(text)}\n")  # it may hold an endpoint's own words
    return code


def _bug(error: Exception) -> int:
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    handle, path = tempfile.mkstemp(prefix="atkc-bug-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    name = type(error).__name__
    return _say(
        f"error[ATK900]: a bug of ours ({name}: {error}); the trace is in {path}", codes.BUG
    )
