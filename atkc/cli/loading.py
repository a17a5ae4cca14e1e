"""From the words of a command line to a compiled spec."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, structs

from atkc.cli.given import PREFIX, environment_with, given_values
from atkc.compiler.front import Compiled, compile_file
from atkc.compiler.load import shown
from atkc.compiler.params import Given
from atkc.compiler.plan import Plan
from atkc.runtime.errors import InputError, UsageError
from atkc.spec.diagnostic import Diagnostic, has_errors
from atkc.spec.places import SCHEME, SHIPPED, canonical
from atkc.spec.render import as_text
from atkc.spec.source import Source


class Chosen(Struct, frozen=True):
    """What to compile, and with which values."""

    spec: str
    sets: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    env_file: str | None = None
    profile: str | None = None


def find(spec: str) -> str:
    """Return the resolved path of a spec: a file here, else one that is shipped."""
    if spec.startswith(SCHEME) or Path(spec).is_file():
        return canonical(spec)
    if not Path(spec).is_absolute() and (SHIPPED / spec).is_file() and ".." not in spec:
        return SCHEME + Path(spec).as_posix()
    return canonical(spec)


def compiled(chosen: Chosen, *, only_check: bool = False) -> Compiled:
    """Return the compiled spec; raises UsageError for values that cannot be read."""
    path = find(chosen.spec)
    environment = environment_with(chosen.env_file)
    by_variable = any(name.startswith(PREFIX) for name in environment)
    by_name = by_variable or chosen.profile is not None
    names = _names(path) if by_name else ()  # the file is read once more for them
    given = given_values(chosen.sets, chosen.params, environment, names)
    if chosen.profile is None:
        return _compiled(path, given, only_check)
    from atkc.cli.profiles import profile_of

    profile = profile_of(chosen.profile)
    done = _compiled(path, [*profile.given(names), *given], only_check)
    misfit = profile.misfit(shown(path), names)
    if misfit is None or has_errors(list(done.diagnostics)):
        return done
    return structs.replace(done, plan=None, diagnostics=(*done.diagnostics, misfit))


def _compiled(path: str, given: list[Given], only_check: bool) -> Compiled:
    from atkc.stdlib.library import library

    collecting = gc.isenabled()
    gc.disable()  # nothing made here is garbage before it ends
    try:
        return compile_file(path, library(), given, only_check=only_check)
    finally:
        gc.freeze()  # else the first thing made afterwards has all of it looked through
        if collecting:
            gc.enable()


def _names(path: str) -> Sequence[str]:
    from atkc.spec.nodes import MapNode
    from atkc.spec.places import real
    from atkc.spec.yamltext import load, read

    source = read(str(real(path)))
    root = load(source)[0] if isinstance(source, Source) else None
    params = root.get("params") if isinstance(root, MapNode) else None
    return [key.text for key, _ in params.entries] if isinstance(params, MapNode) else []


def plan_to_run(chosen: Chosen, *, quiet: bool = False) -> Plan:
    """Return a plan that can run: compiled, or read from a `.json`; findings go to stderr.

    With `quiet` errors alone do. Raises InputError where there is none.
    """
    if chosen.spec.endswith(".json"):
        return _read_plan(chosen)
    done = compiled(chosen)
    found = [*done.diagnostics, *(done.unset if done.plan else ())]
    show([f for f in found if not quiet or f.severity == "error"], done)
    if done.plan is None or done.unset:
        raise ReportedError
    return done.plan


def _read_plan(chosen: Chosen) -> Plan:
    from atkc.compiler.plan_file import read_plan

    if chosen.sets or chosen.params or chosen.profile:
        raise UsageError("a plan has its values already: give `--set` to `atkc compile`")
    try:
        source = Source(chosen.spec, Path(chosen.spec).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"`{chosen.spec}` cannot be read: {error}"
        raise InputError(Diagnostic("ATK001", message)) from None
    found = read_plan(source)
    if isinstance(found, Plan):
        return found
    _write(found, {source.path: source})
    raise ReportedError


class ReportedError(Exception):
    """The findings have been shown; there is nothing more to say."""


def show(found: Sequence[Diagnostic], done: Compiled) -> None:
    """Print findings to stderr."""
    if found:
        _write(found, done.sources)


def _write(found: Sequence[Diagnostic], sources: Mapping[str, Source]) -> None:
    text = as_text(found, sources, color=sys.stderr.isatty())
    sys.stderr.write(text.rstrip("\n") + "\n")
