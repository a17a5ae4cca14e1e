"""Code that may fail as nobody foresaw: then one record fails, and the others go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from atkc.runtime.errors import AtkcError

P = ParamSpec("P")
T = TypeVar("T")


def guarded(code: Callable[P, T], crashed: Callable[[str], AtkcError]) -> Callable[P, T]:
    """Return the code; what it raises of others becomes what `crashed` makes of its name and text.

    Our own errors go through as they are.
    """

    def call(*given: P.args, **named: P.kwargs) -> T:
        try:
            return code(*given, **named)
        except AtkcError:
            raise
        except Exception as error:
            raise crashed(f"{type(error).__name__}: {error}") from error

    return call
