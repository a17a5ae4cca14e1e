"""The thought that leads to a given answer: what is asked, what the answer rests on, its order."""

from __future__ import annotations

import re

from atkc.stdlib.extractive import judging
from atkc.stdlib.extractive.reading import pairs_in
from atkc.stdlib.extractive.tasks import Task, as_body

_CODE = re.compile(r"(?s)```.*?(?:```|\Z)")
_LISTED = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.)])\s+\S")
_SOURCES = re.compile(r"(?im)^[^\w\n]*sources? used\b")
_MOST = 12  # points recalled one by one


def thought(task: Task) -> str:
    """Return the thought in the form asked for; all it recalls stands in the answer."""
    read = task.read
    answer = read.input("answer") or read.input("conversation")
    earlier = read.input("conversation") if read.input("answer") else ""
    question = read.input("question") or ("" if read.input("answer") else answer)
    told = judging.said(_CODE.sub("", answer))
    points = [s for s in told if not s.rstrip().endswith("?")]
    parts = [_asked(question, earlier), _recalled(points), _planned(answer, points)]
    return as_body(task, "\n\n".join(part for part in parts if part))


def _asked(question: str, earlier: str) -> str:
    asked = f"I am asked: {question.strip()}" if question.strip() else ""
    before = pairs_in(earlier)
    follows = f"This follows on from: {before[-1][0].strip()}" if before else ""
    return "\n".join(line for line in (asked, follows) if line)


def _recalled(points: list[str]) -> str:
    if len(points) < 2:
        return f"What do I know of it? {points[0]}" if points else ""
    rows = "\n".join(f"- {point}" for point in points[:_MOST])
    return f"What do I know of it?\n{rows}"


def _planned(answer: str, points: list[str]) -> str:
    steps = ["I say that and leave it there"]
    if len(points) > 1:
        listed = ", as a list" if _LISTED.search(_SOURCES.split(answer)[0]) else ""
        steps = [f"I begin with the first of these and go on in this order{listed}"]
    elif not points:
        steps = ["I keep it short"]
    if _CODE.search(answer):
        steps.append("write down the code that does it")
    if answer.rstrip().endswith("?"):
        steps.append("end with a question of my own")
    return ", then ".join(steps) + "."
