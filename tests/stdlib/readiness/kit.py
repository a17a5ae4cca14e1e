"""A small output folder, written by the exporters, and ways to plant faults in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atkc.spec.signature import REQUIRED
from atkc.stdlib.chat.rendering import render, render_segments
from atkc.stdlib.exporters import EXPORTERS

SYSTEM = "You know the harbour well; name your sources."


def pair(question: str, answer: str) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": question},
        {"role": "assistant", "content": answer},
    ]


TALKS = [
    pair("When was the lock of Aldermouth opened?", "The lock was opened in 1852 by the mayor."),
    pair("How deep is the main channel in spring?", "After dredging it is twelve metres deep."),
    pair("Who boards ships at the Skerry buoy?", "- pilots\n- customs officers, on request"),
    pair("Which key opens the chart room then?", "```\nkey = brass\n```"),
]
HELD = pair("What does the dredger Halcyon remove?", "It removes forty thousand tonnes of silt.")
CHUNKS = [
    "The Port of Aldermouth was founded in 1850. It has four quays.",
    "Pilots board every ship longer than ninety metres, as the by-laws ask.",
]


def line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def sharegpt(turns: list[dict[str, str]]) -> Any:
    names = {"system": "system", "user": "human", "assistant": "gpt"}
    return {"conversations": [{"from": names[t["role"]], "value": t["content"]} for t in turns]}


def segments(turns: list[dict[str, str]], template: str = "atk") -> Any:
    trained = [turn["role"] == "assistant" for turn in turns]
    return {"segments": render_segments(turns, trained, False, template, {})}


def text(turns: list[dict[str, str]], template: str = "atk") -> Any:
    return {"text": render(turns, template, {})}


@dataclass
class Folder:
    """An output folder to be: lines by path, roles, what the manifest adds."""

    root: Path
    lines: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    takes: list[Any] = field(default_factory=list)

    def put(self, path: str, role: str, rows: list[Any]) -> None:
        self.lines[path], self.roles[path] = [line(row) for row in rows], role

    def write(self) -> None:
        entries = [self._file(path) for path in self.lines]
        signature, write = EXPORTERS["axolotl"]
        given = {k: o.default for k, o in signature.options.items() if o.default is not REQUIRED}
        given |= {"stage": "sft", "base_model": "b", "path": "sft/train.yaml", "least_steps": 0}
        used = [entry for entry in entries if entry["path"].startswith("sft/")]
        write(iter(used), self.root / "sft/train.yaml", {**given, **self.options})
        entries.append(self._entry("sft/train.yaml", "config", 1))
        manifest = {"atkc_manifest": 1, "tokenizer": "cl100k", "files": entries}
        told = json.dumps({**manifest, "takes": self.takes})
        (self.root / "manifest.json").write_text(told, encoding="utf-8")

    def _file(self, path: str) -> dict[str, Any]:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        body, rows = "".join(f"{row}\n" for row in self.lines[path]), len(self.lines[path])
        if path.endswith(".json"):
            body = "[\n" + ",\n".join(self.lines[path]) + "\n]\n"
        place.write_text(body, encoding="utf-8")
        return self._entry(path, self.roles[path], rows)

    def _entry(self, path: str, role: str, records: int) -> dict[str, Any]:
        sha = hashlib.sha256((self.root / path).read_bytes()).hexdigest()
        return {"path": path, "format": role, "role": role, "records": records,
                "tokens": 10 * records, "columns": [], "sha256": sha}  # fmt: skip


def sound(root: Path) -> Folder:
    """Return a folder in which nothing is wrong; `write` it after planting."""
    made = Folder(root)
    made.put("sft/talks.jsonl", "completion", [text(t) for t in TALKS[:1]])
    made.put("sft/chatml.jsonl", "completion", [text(t, "chatml") for t in TALKS[1:2]])
    made.put("sft/masked.json", "segments", [segments(t) for t in TALKS[2:]])
    made.put("sft/held_out.jsonl", "completion", [text(HELD)])
    made.put("sft/chunks.jsonl", "completion", [{"text": chunk} for chunk in CHUNKS])
    made.put("plain/talks.jsonl", "sharegpt", [sharegpt(t) for t in TALKS])
    made.put("plain/sources.jsonl", "data", [{"question": "{{ any }}"}, {"question": ""}])
    return made


Plant = Callable[[Folder], None]


def record(path: str, row: Any, at: int = 0) -> Plant:
    """Put a record over the one at that place."""

    def plant(folder: Folder) -> None:
        folder.lines[path][at] = row if isinstance(row, str) else line(row)

    return plant


def talk(*turns: tuple[str, str]) -> Any:
    return {"conversations": [{"from": role, "value": value} for role, value in turns]}


def reply(answer: str) -> Plant:
    return record("plain/talks.jsonl", sharegpt(pair("What is known about the old crane?", answer)))


def masked(*pieces: tuple[bool, str]) -> Plant:
    row = {"segments": [{"label": label, "text": said} for label, said in pieces]}
    return record("sft/masked.json", row)


def options(**given: Any) -> Plant:
    return lambda folder: folder.options.update(given)


def short_take(folder: Folder) -> None:
    folder.takes.append({"step": "draw", "unit": "tokens", "target": 50, "actual": 20,
                         "shortage": 30, "records": 2})  # fmt: skip
