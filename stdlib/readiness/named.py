"""The files that training configs name: they are there, and hold what the entry says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from atkc.spec.diagnostic import Diagnostic
from atkc.spec.source import Span
from atkc.stdlib.readiness.configs import Config, Entry
from atkc.stdlib.readiness.output import Output
from atkc.stdlib.readiness.records import records


def check(output: Output) -> Iterator[Diagnostic]:
    """Yield entries whose file is not there, is empty, or holds something else."""
    for config in output.configs:
        for entry in config.entries:
            yield from _entry(config, entry)


def _entry(config: Config, entry: Entry) -> Iterator[Diagnostic]:
    span = Span(str(config.place), entry.line, 1, entry.line, 2)
    name = entry.keys["path"]
    if not entry.place.is_file():
        hint = "mend the path (it begins at the folder of the config), or run the spec again"
        yield Diagnostic("ATK830", f"there is no file `{name}`", span, help=hint)
        return
    first = next((record for _, record in records(entry.place)), None)
    if first is None:
        hint = "take the entry out: training stops at a file without records"
        yield Diagnostic("ATK830", f"`{name}` holds no records", span, help=hint)
    elif (problem := _misfit(entry.keys, first)) is not None:
        hint = "let `type` and `field` say what the records hold"
        yield Diagnostic("ATK831", f"{problem} in `{name}`", span, help=hint)


def _misfit(keys: Mapping[str, Any], record: Any) -> str | None:
    """Return why records such as this are not what the entry says."""
    if not isinstance(record, Mapping):
        return "there is no record"
    kind = keys.get("type")
    if kind not in _FITS:
        return None  # of axolotl's other types we know nothing
    return _FITS[kind](keys, record)


def _completion(keys: Mapping[str, Any], record: Mapping[str, Any]) -> str | None:
    field = str(keys.get("field") or "text")
    return None if isinstance(record.get(field), str) else f"there is no text `{field}`"


def _segments(keys: Mapping[str, Any], record: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    return None if isinstance(record.get("segments"), list) else "there are no `segments`"


def _alpaca(keys: Mapping[str, Any], record: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    missing = [name for name in ("instruction", "output") if name not in record]
    return f"there is no `{missing[0]}`" if missing else None


def _messages(keys: Mapping[str, Any], record: Mapping[str, Any]) -> str | None:
    field = str(keys.get("field_messages") or "messages")
    messages = record.get(field)
    if not isinstance(messages, list):
        return f"there are no messages `{field}`"
    wanted = {"role": "role", "content": "content", **(keys.get("message_property_mappings") or {})}
    for message in messages[:1]:
        for name in (wanted["role"], wanted["content"]):
            if not isinstance(message, Mapping) or name not in message:
                return f"a message has no `{name}`"
    return None


_FITS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str | None]] = {
    "alpaca": _alpaca,
    "chat_template": _messages,
    "completion": _completion,
    "input_output": _segments,
}
