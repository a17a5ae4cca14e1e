"""REPORT.md: every key of the config with what became of it, and what is left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from atkc.cli.augmentoolkit.draft import Draft
from atkc.cli.augmentoolkit.kinds import Kind
from atkc.cli.augmentoolkit.leaves import Leaf
from atkc.cli.augmentoolkit.marks import Mark, marks
from atkc.cli.augmentoolkit.rules import UNFILLED
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.source import Source


def summary(draft: Draft) -> str:
    """Return the counts in a line."""
    count = Counter(fate.verdict for fate in draft.fates.values())
    unfilled = sum(leaf.unfilled for leaf in draft.config.leaves)
    return (
        f"{len(draft.fates)} keys: {count['carried']} carried, {count['changed']} carried with a "
        f"change, {count['not carried']} not carried; {_many(unfilled, 'placeholder')}"
    )


def unfilled(draft: Draft, source: Source) -> Iterator[Diagnostic]:
    """Yield a warning for each mark that stands where a value is wanted, at its place.

    Marks in keys and in values that are not carried anyway are told by the report alone.
    """
    for mark, leaf in _in_values(draft, source):
        fate = draft.fates[leaf.path]
        if UNFILLED not in fate.why:
            continue
        advice = f"put the value into params.yaml, as `{fate.to}`, or into the config"
        message = f"`{leaf.path}` is not filled in: `!!{mark.name}!!`"
        span = source.span(mark.start, mark.end)
        yield Diagnostic("ATK042", message, span, help=advice)


def report(draft: Draft, kind: Kind, source: Source, command: str) -> str:
    """Return the report."""
    name, counts = Path(draft.config.file).name, summary(draft)
    parts = [
        f"# {name}\n\nA config for {kind.says}, imported from Augmentoolkit. {counts}.\n",
        f"## To do\n\n{''.join(_to_do(draft, source, command))}",
        f"## Keys\n\n{_table(draft)}",
    ]
    comments = list(_in_comments(draft, source))
    if comments:
        lines = "".join(
            f"* line {m.line}: {_code(source.line(m.line).strip())}\n" for m in comments
        )
        parts.append(f"## Marks in comments\n\n{lines}")
    return "\n".join(parts)


def _to_do(draft: Draft, source: Source, command: str) -> Iterator[str]:
    for mark, leaf in _in_values(draft, source):
        fate = draft.fates[leaf.path]
        place = f"line {mark.line}, column {mark.col}"
        yield f"* `!!{mark.name}!!` in `{leaf.path}` ({place}): {fate.why or 'fill it in'}\n"
    for name in (name for name, value in draft.params.items() if value is None):
        if name in ("small_model", "large_model", "dataset_context", "input_dir", "input_dirs"):
            yield f"* give `{name}` a value in params.yaml: no run begins before\n"
    yield from (f"* {note}\n" for note in draft.notes)
    for variable in draft.variables:
        yield f"* `export {variable}=…` before a run asks the endpoint; `--env-file` reads a file\n"
    yield f"* look what a run would do: `{command.replace('atkc run', 'atkc plan', 1)}`\n"
    yield f"* run it: `{command}`\n"


def _table(draft: Draft) -> str:
    rows = [("key", "line", "parameter", "what became of it", "why"), ("---",) * 5]
    for leaf in draft.config.leaves:
        fate = draft.fates[leaf.path]
        to = f"`{fate.to}`" if fate.to else ""
        rows.append((f"`{leaf.path}`", str(leaf.span.line), to, fate.verdict, fate.why))
    return "".join(f"| {' | '.join(map(_cell, row))} |\n" for row in rows)


def _in_values(draft: Draft, source: Source) -> Iterator[tuple[Mark, Leaf]]:
    found = [*_placed(draft.config.leaves, source)]
    yield from ((mark, leaf) for mark, leaf in found if leaf is not None)


def _in_comments(draft: Draft, source: Source) -> Iterator[Mark]:
    yield from (mark for mark, leaf in _placed(draft.config.leaves, source) if leaf is None)


def _placed(leaves: Sequence[Leaf], source: Source) -> Iterator[tuple[Mark, Leaf | None]]:
    """Yield each mark with the value in which it stands, None for one in a comment."""
    for mark in marks(source):
        at = (mark.line, mark.col)
        own = None
        for leaf in leaves:
            (start, end) = leaf.reach
            if leaf.unfilled and start <= at < end:
                own = leaf
        yield mark, own


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence} {text} {fence}" if fence == "``" else f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
