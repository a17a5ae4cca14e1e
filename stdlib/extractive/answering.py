"""From what was read to the rows of a reply: one short function for each kind of task."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from msgspec.structs import replace

from atkc.stdlib.extractive import judging, retrieving, rewriting, ways
from atkc.stdlib.extractive.aligning import Judgement, best_rows
from atkc.stdlib.extractive.answerable import answerable, contradicts
from atkc.stdlib.extractive.cleaning import clean
from atkc.stdlib.extractive.faults import checks_in, first_fault
from atkc.stdlib.extractive.filling import Known, fill, role_of
from atkc.stdlib.extractive.reading import pairs_in
from atkc.stdlib.extractive.sentences import is_english
from atkc.stdlib.extractive.standalone import repair
from atkc.stdlib.extractive.talking import conversation
from atkc.stdlib.extractive.tasks import MANY, Task, as_body, bounded, filled, slots_or_one
from atkc.stdlib.extractive.thinking import thought
from atkc.stdlib.extractive.wanted import word_for
from atkc.stdlib.extractive.worth import worth
from atkc.stdlib.extractive.writing import write


def reply_to(task: Task) -> str:
    """Return the text of the reply."""
    return _TASKS[task.intent.task](task)


def _count(task: Task) -> int:
    way = task.intent.way
    asked = task.intent.count or (MANY if way in ("followup", "plain") else 1)
    if way == "followup":
        asked = max(asked, MANY)
    inner = max((s.least for s in task.wanted.slots if s.kind == "list"), default=0)
    has_list = any(s.kind == "list" for s in task.wanted.slots)
    if task.wanted.repeated:
        return bounded(task.wanted, asked)
    return (
        max(inner, asked)
        if has_list
        else (asked if task.wanted.form == "text" and task.intent.count else 1)
    )


def _pairs(task: Task) -> str:
    search = retrieving.is_search(task.read)
    texts = task.texts[:1] if search else task.texts
    found = ways.items(texts, task.intent.way or "plain", _count(task), task.seed)
    found = retrieving.told(task.read, found) if search else found
    least = task.wanted.least if task.wanted.repeated else 1
    while len(found) < least:
        found = [*found, *found[: least - len(found)]]
    two_part = _two_parts(task)
    known = [_of_item(task, item, two_part) for item in found]
    if task.wanted.form == "text" and not task.wanted.slots:
        return "\n\n".join(
            f"Question: {i.question}\nAnswer: {k.texts['answer']}"
            for i, k in zip(found, known, strict=True)
        )
    if not task.wanted.repeated:
        lists = {
            "question": [i.question for i in found],
            "answer": [k.texts["answer"] for k in known],
        }
        known = [replace(known[0], lists=lists)]
    return write(task.wanted, filled(task, known))


def _two_parts(task: Task) -> bool:
    """Return whether the answer itself is to hold a thought process under its own heading."""
    asked = task.read.request + " ".join(s.description for s in task.wanted.slots)
    own = any(role_of(s) == "thought" for s in task.wanted.slots)
    return not own and bool(re.search(r"Thought Process\W{0,3}:", asked))


def _of_item(task: Task, item: ways.Item, two_part: bool) -> Known:
    rng = random.Random(task.seed)
    wrong = any(role_of(s) == "wrong" for s in task.wanted.slots)
    answer = f"{rng.choice(ways.SORRY)} {item.answer}" if wrong else item.answer
    if two_part:
        answer = f"Thought Process:\n{item.thought}\n\nAnswer:\n{item.answer}"
    texts = {
        "question": item.question, "answer": answer, "thought": item.thought, "wrong": item.wrong,
        "doubt": rng.choice(ways.DOUBTS), "reason": item.thought, "evidence": item.answer,
        "topic": item.topic,
    }  # fmt: skip
    return Known(task.texts[0], task.seed, {k: v for k, v in texts.items() if v})


def _judged(task: Task) -> Judgement:
    read, intent = task.read, task.intent
    passages = judging.passages_of(task.texts)
    question, answer = read.input("question"), read.input("answer")
    if intent.way == "worth":
        return worth(passages[0])
    if intent.way == "answerable":
        if intent.declared_false:
            return contradicts(passages, question)
        return answerable(passages, question)
    if intent.way == "correction":
        return judging.check_correction(passages, question, read.input("wrong"), answer)
    check = judging.relevant if intent.way == "relevant" else judging.check_answer
    return check(passages, question, answer)


def _faults(task: Task) -> tuple[str, Judgement]:
    """Return the word of the first fault of a pair, empty if it has none, and why."""
    passages = judging.passages_of(task.texts)
    question, answer = task.read.input("question"), task.read.input("answer")
    checks: dict[str, Callable[[], Judgement]] = {
        "premise": lambda: contradicts(passages, question),
        "question": lambda: answerable(passages, question),
        "relevancy": lambda: judging.relevant(passages, question, answer),
        "accuracy": lambda: judging.check_answer(passages, question, answer),
    }
    return first_fault(checks_in(task.wanted.words), lambda check: checks[check]())


def _verdict(task: Task) -> str:
    read = task.read
    question, answer = read.input("question"), read.input("answer")
    texts: dict[str, str] = {}
    fault = ""
    if task.intent.way == "standalone":
        if not question and read.input("pairs"):
            question, answer = (pairs_in(read.input("pairs")) or [("", "")])[0]
        mended = repair(question, answer)
        outcome, reason, ok = mended.outcome, mended.reason, mended.outcome == "pass"
        texts = {"question": mended.question, "answer": mended.answer}
    else:
        fault, judged = _faults(task) if task.intent.way == "faults" else ("", _judged(task))
        ok, reason = judged.ok, judged.reason
        outcome = "pass" if ok else "fail"
        texts = {"question": question, "answer": answer}
    texts |= {"reason": reason, "thought": reason, "evidence": reason, "body": reason}
    known = Known(task.texts[0], task.seed, texts, ok=ok, outcome=outcome)
    plain = (
        word_for(task.wanted.words, outcome) if task.wanted.words else ("PASS" if ok else "FAIL")
    )
    word = fault or plain
    if task.wanted.form == "text" and not task.wanted.words and not task.wanted.slots:
        return f"{reason}\n\nVerdict: {word}"
    row = filled(task, [known])[0]
    for slot in task.wanted.slots:
        if slot.when and slot.when == word:
            row[slot.name] = {p.name: fill(p, known) for p in slot.parts}
    return write(task.wanted, [row], word, reason)


def _listed(task: Task, rows: list[str], role: str = "facts") -> str:
    """Return statements as the form asks: items, a list in a field, or numbered lines in a text."""
    wanted = task.wanted
    text = "\n".join(f"{i}. {s}" for i, s in enumerate(rows, 1))
    most = task.intent.count or len(rows)
    if wanted.repeated:
        chosen = rows[: bounded(wanted, most)]
        while chosen and len(chosen) < wanted.least:
            chosen = [*chosen, *chosen[: wanted.least - len(chosen)]]
        known = [Known(task.texts[0], task.seed, _texts(s), {role: rows}) for s in chosen]
        return write(wanted, [{s.name: fill(s, k) for s in slots_or_one(wanted)} for k in known])
    known = [Known(task.texts[0], task.seed, _texts(text), {"facts": rows, "evidence": rows})]
    if wanted.form == "text":
        return write(wanted, [{"text": text}])
    if wanted.form == "list":
        return write(wanted, [{s.name: rows for s in slots_or_one(wanted)}])
    return write(wanted, filled(task, known))


def _texts(text: str) -> dict[str, str]:
    return dict.fromkeys(("facts", "body", "answer", "evidence"), text)


def _facts(task: Task) -> str:
    return _listed(task, rewriting.statements(task.texts[0]) or [task.texts[0].strip()])


def _inferred(task: Task) -> str:
    text = task.texts[0]
    return _listed(task, rewriting.inferences(text) or [text.strip()])


def _rewrite(task: Task) -> str:
    form = task.intent.way
    form = form if form in rewriting.FORMS else "prose"
    return as_body(task, rewriting.rewrite(task.texts[0], form, task.seed))


def _clean(task: Task) -> str:
    return as_body(task, clean(task.texts[0]))


def _reply(task: Task) -> str:
    """Answer a question from the passage, or say that it does not tell."""
    question = task.read.input("question")
    if not question:
        return _text(task)
    passages = judging.passages_of(task.texts)
    rows = best_rows(passages, question)
    known_ = answerable(passages, question).ok and rows
    sentence = rows[0].text if rows else ""
    answer = sentence if known_ else "I am sorry, but the passage does not tell."
    texts = {
        "answer": answer,
        "question": question,
        "body": answer,
        "reason": f"The passage says: {sentence}",
        "thought": sentence,
    }
    known = Known(
        task.texts[0], task.seed, texts, ok=bool(known_), outcome="pass" if known_ else "fail"
    )
    if task.wanted.form == "text":
        return write(task.wanted, [{"text": answer}])
    return write(task.wanted, filled(task, [known]))


def _text(task: Task) -> str:
    main = task.texts[0]
    rows = rewriting.statements(main) or [main.strip()]
    if not task.wanted.slots:
        shown = (
            rewriting.rewrite(main, "summary", task.seed)
            if is_english(main)
            else rows[task.seed % len(rows)]
        )
        return write(task.wanted, [{"text": shown}])
    count = bounded(task.wanted, task.intent.count or 1)
    at = task.seed % len(rows)
    turned = [*rows[at:], *rows[:at]]
    known = [
        Known(
            main,
            task.seed + i,
            {"body": " ".join(rows), "answer": turned[i % len(rows)]},
            {"facts": turned},
        )
        for i in range(count)
    ]
    return write(task.wanted, filled(task, known))


_TASKS: dict[str, Callable[[Task], str]] = {
    "pairs": _pairs, "verdict": _verdict, "facts": _facts, "inferred": _inferred,
    "rewrite": _rewrite,
    "clean": _clean, "conversation": conversation, "thought": thought, "reply": _reply,
    "text": _text,
}  # fmt: skip
