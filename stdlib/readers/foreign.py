"""The border to libraries that parse other people's files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from atkc.runtime.errors import AtkcError, RecordError


@contextmanager
def foreign(what: str) -> Iterator[None]:
    """Turn whatever a library raises on broken content into RecordError `corrupt`.

    Such libraries do not say which exceptions a damaged file can cause, so all are taken; only
    calls into them belong under this.
    """
    try:
        yield
    except AtkcError:
        raise
    except Exception as error:  # see above
        said = str(error).strip().split("\n")[0] or type(error).__name__
        raise RecordError("corrupt", f"cannot be read as {what}: {said}") from error
