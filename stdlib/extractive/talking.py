"""Given pairs as the turns of a conversation."""

from __future__ import annotations

import re

from msgspec.structs import replace

from atkc.stdlib.extractive import ways
from atkc.stdlib.extractive.filling import Known
from atkc.stdlib.extractive.reading import pairs_in
from atkc.stdlib.extractive.tasks import MANY, Task, as_body, filled
from atkc.stdlib.extractive.wanted import Slot
from atkc.stdlib.extractive.writing import write


def conversation(task: Task) -> str:
    source = "\n\n".join(
        task.read.input(k) for k in ("pairs", "conversation") if task.read.input(k)
    )
    pairs = pairs_in(source) or [
        (i.question, i.answer)
        for i in ways.items([source or task.texts[0]], "followup", MANY, task.seed)
    ]
    turns = [turn for q, a in pairs for turn in (("user", q), ("assistant", a))]
    wanted = task.wanted
    by_turn = next((s for s in wanted.slots if s.name in ("role", "speaker", "from")), None)
    if wanted.repeated and by_turn:
        rows = [
            {s.name: _speaker(s, role) if s is by_turn else text for s in wanted.slots}
            for role, text in turns
        ]
        return write(wanted, rows)
    if wanted.repeated:
        known = [Known(source, task.seed, {"question": q, "answer": a}) for q, a in pairs]
        return write(wanted, filled(task, known))
    listed = next((s for s in wanted.slots if s.kind == "list" and s.parts), None)
    if listed:
        first, second = listed.parts[0].name, listed.parts[-1].name
        rows = [{first: _speaker(listed.parts[0], role), second: text} for role, text in turns]
        return write(wanted, [{listed.name: rows}])
    names = _speakers(task.read.request)
    return as_body(
        replace(task, read=replace(task.read, passages=(source,))),
        "\n\n".join(f"**{names[r == 'assistant']}:** {t}" for r, t in turns),
    )


def _speaker(slot: Slot, role: str) -> str:
    other = {
        "user": ("human", "student", "person"),
        "assistant": ("gpt", "ai", "model", "bot", "teacher"),
    }[role]
    return next((c for c in slot.choices if c.lower() == role or c.lower() in other), role)


def _speakers(request: str) -> tuple[str, str]:
    found = re.findall(r"\*\*([A-Z][\w ]{1,20}):\*\*", request)
    names = list(dict.fromkeys(found))
    return (names[0], names[1]) if len(names) > 1 else ("User", "Assistant")
