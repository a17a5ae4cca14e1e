"""One task as read from the messages, and the reply in its form around a value or a text."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from atkc.stdlib.extractive import rewriting
from atkc.stdlib.extractive.filling import Known, fill
from atkc.stdlib.extractive.intents import Intent
from atkc.stdlib.extractive.reading import Read
from atkc.stdlib.extractive.wanted import Slot, Wanted
from atkc.stdlib.extractive.writing import write

MANY = 3  # pairs or turns where neither request nor form says how many


class Task(Struct, frozen=True):
    """Everything a reply is made from."""

    read: Read
    wanted: Wanted
    intent: Intent
    seed: int

    @property
    def texts(self) -> list[str]:
        """Return the passages, the main one first, then the related; never empty."""
        return [*self.read.passages, *self.read.related] or [
            self.read.input("facts") or self.read.input("answer") or ""
        ]


def filled(task: Task, known: list[Known]) -> list[dict[str, Any]]:
    slots = task.wanted.slots
    if not slots and task.wanted.form in ("text", "list", "regex", "grammar"):
        slots = (Slot("text"),)
    return [{s.name: fill(s, k, i) for s in slots if not s.when} for i, k in enumerate(known)]


def as_body(task: Task, text: str) -> str:
    texts = dict.fromkeys(("body", "answer", "facts"), text) | {
        "thought": "The facts stay, their order and form change."
    }
    lists = {"facts": rewriting.statements(task.texts[0])}
    known = Known(task.texts[0], task.seed, texts, lists)
    plain = [s for s in task.wanted.slots if s.kind == "text" and not s.choices]
    if len(plain) == 1 or task.wanted.form in ("text", "list", "grammar", "regex"):
        row = filled(task, [known])[0] | ({plain[0].name: text} if plain else {"text": text})
        lines = [
            {s.name: line}
            for line in text.split("\n")
            if line.strip()
            for s in slots_or_one(task.wanted)
        ]
        return write(
            task.wanted, lines if task.wanted.form == "list" and task.wanted.repeated else [row]
        )
    return write(task.wanted, filled(task, [known]))


def bounded(wanted: Wanted, count: int) -> int:
    if not wanted.repeated:
        return 1
    count = max(count, wanted.least, 1)
    return min(count, wanted.most) if wanted.most is not None else count


def slots_or_one(wanted: Wanted) -> tuple[Slot, ...]:
    return wanted.slots or (Slot("items"),)
