"""`atkc failures`: the failed records of a run, by step and kind, with what was asked and said."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from atkc.cli import codes
from atkc.cli.newest import chosen
from atkc.cli.outputs import Outputs
from atkc.runtime.errors import UsageError
from atkc.runtime.failure_kinds import CALL, KINDS, REPLY, advice
from atkc.runtime.manifest import failed_file

_LONGEST = 160  # characters of a text that is shown
_HIDDEN = ("failure",)


class Group(Struct):
    """The failures of one kind in one step, and the first of them."""

    step: str
    kind: str
    count: int = 0
    records: list[dict[str, Any]] = field(default_factory=list)


def show_failures(
    folder: str | None,
    *,
    steps: tuple[str, ...],
    kinds: tuple[str, ...],
    limit: int,
    as_data: bool,
) -> int:
    """Print what failed, in canonical order; raises UsageError for unknown steps and kinds."""
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise UsageError(f"`--kind {unknown[0]}` is none of: {', '.join(KINDS)}")
    outputs = chosen(folder)
    groups = [g for g in grouped(outputs, steps, limit) if not kinds or g.kind in kinds]
    if as_data:
        told = [_data(group) for group in groups]
        sys.stdout.write(json.dumps({"folder": outputs.folder.as_posix(), "failures": told}) + "\n")
        return codes.COMPLETE
    sys.stdout.writelines(f"{line}\n" for line in _lines(outputs.folder, groups))
    return codes.COMPLETE


def grouped(outputs: Outputs, steps: tuple[str, ...], limit: int) -> list[Group]:
    """Return the failures by step and kind, with so many records of each."""
    known = _steps(outputs)
    if unknown := [step for step in steps if step not in known]:
        listed = ", ".join(known) or "none"
        raise UsageError(f"`--step {unknown[0]}`: no record of it is kept; steps: {listed}")
    found: dict[tuple[str, str], Group] = {}
    for step in steps or known:
        for row in _rows(outputs.folder / failed_file(step)):
            kind = str(row["failure"]["kind"])
            group = found.setdefault((step, kind), Group(step, kind))
            group.count += 1
            if len(group.records) < limit:
                group.records.append(row)
    return list(found.values())


def _steps(outputs: Outputs) -> list[str]:
    """Return the steps with a file of failed records, in the order of the plan."""
    files = {path for path, entry in outputs.entries.items() if entry["role"] == "failed"}
    told: Mapping[str, Any] = outputs.manifest.get("failed", {})
    order = list(dict.fromkeys(row["step"] for row in outputs.manifest["ledger"]))
    nodes = sorted(told, key=lambda step: order.index(step) if step in order else len(order))
    return [step for step in nodes if failed_file(step) in files]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        for line in lines:
            yield json.loads(line)  # numbers of any size


def _data(group: Group) -> dict[str, Any]:
    told = KINDS.get(group.kind)
    return {
        "step": group.step,
        "kind": group.kind,
        "count": group.count,
        "retry": told is not None and told.origin in (CALL, REPLY),
        "advice": advice(group.kind),
        "records": group.records,
    }


def _lines(folder: Path, groups: Sequence[Group]) -> Iterator[str]:
    total = sum(group.count for group in groups)
    yield f"{total} failed records in {folder}" if groups else f"no failed records in {folder}"
    for group in groups:
        what = KINDS[group.kind].what if group.kind in KINDS else ""
        yield ""
        yield f"{group.step}: {group.count} {group.kind}" + (f" ({what})" if what else "")
        yield f"  to do: {advice(group.kind)}"
        for row in group.records:
            yield from _record(row)
        if group.count > len(group.records):
            yield f"  … all in {folder / failed_file(group.step)}"
    if any(g.kind in KINDS and KINDS[g.kind].origin == REPLY for g in groups):
        yield ""
        yield "`atkc retry SPEC` asks again where a reply could not be accepted"


def _record(row: Mapping[str, Any]) -> Iterator[str]:
    failure = row["failure"]
    known = {name: value for name, value in row.items() if name not in _HIDDEN}
    yield f"  - {_short(', '.join(f'{name}: {_text(value)}' for name, value in known.items()))}"
    yield f"    why: {_short(failure['message'])}"
    messages = (failure.get("request") or {}).get("messages") or []
    if messages:
        yield f"    asked: {_short(messages[-1]['content'], tail=True)}"
    if failure.get("reply") is not None:
        yield f"    reply: {_short(_text(failure['reply']))}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(text: str, *, tail: bool = False) -> str:
    from atkc.spec.screen import printable

    text = printable(" ".join(text.split()))
    if len(text) <= _LONGEST:
        return text
    return f"…{text[1 - _LONGEST :]}" if tail else f"{text[: _LONGEST - 1]}…"
