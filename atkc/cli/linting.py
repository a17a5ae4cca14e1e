"""`atkc lint`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from atkc.cli import codes
from atkc.cli.loading import Chosen, compiled, find
from atkc.runtime.errors import UsageError
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.places import real
from atkc.spec.render import as_github, as_json, as_text, ordered
from atkc.spec.source import Source


def lint_specs(
    specs: Iterable[str],
    form: str,
    *,
    sets: tuple[str, ...],
    params: tuple[str, ...],
    env_file: str | None,
    profile: str | None = None,
) -> int:
    """Print the findings of all specs and return 1 where one is an error."""
    found: list[Diagnostic] = []
    sources: dict[str, Source] = {}
    count = 0
    for spec in specs:
        for path in _specs(spec):
            count += 1
            done = compiled(Chosen(path, sets, params, env_file, profile), only_check=True)
            found += done.diagnostics
            sources.update(done.sources)
    found = ordered(_fitting(found, count))
    _print(found, sources, form, count)
    return codes.FINDINGS if any(d.severity == "error" for d in found) else codes.COMPLETE


def _fitting(found: list[Diagnostic], count: int) -> list[Diagnostic]:
    """Leave out that a profile fits no spec where it fits another: a folder holds all kinds."""
    misfits = sum(d.code == "ATK021" for d in found)
    return found if misfits == count else [d for d in found if d.code != "ATK021"]


def _print(found: list[Diagnostic], sources: dict[str, Source], form: str, count: int) -> None:
    if form == "json":
        sys.stdout.write(as_json(found).rstrip("\n") + "\n")
    elif form == "github":
        sys.stdout.write(as_github(found))
    elif found:
        text = as_text(found, sources, color=sys.stdout.isatty())
        sys.stdout.write(text.rstrip("\n") + "\n")
    if form == "text":
        errors = sum(d.severity == "error" for d in found)
        told = (_count(errors, "error"), _count(len(found) - errors, "warning"))
        sys.stdout.write(f"{_count(count, 'spec')}: {', '.join(told)}\n")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _specs(spec: str) -> Iterator[str]:
    """Yield the specs that a word of the command line means; prompt files are read by specs."""
    whole = real(find(spec))
    if not whole.is_dir():
        yield spec
        return
    files = sorted(p for p in whole.rglob("*.y*ml") if p.suffix in (".yaml", ".yml"))
    specs = [str(p) for p in files if _is_spec(p)]
    if not specs:
        raise UsageError(f"`{spec}` holds no specs (YAML files that begin with `atkc: 1`)")
    yield from specs


def _is_spec(path: Path) -> bool:
    """Return whether a file says what steps there are; only then is it a spec to run or to use."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return True  # lint says what is wrong with it
    lines = text.splitlines()
    return any(x.startswith("atkc:") for x in lines) and not any(
        x.startswith("messages:") for x in lines
    )
