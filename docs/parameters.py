"""The parameters of the shipped recipes as tables, read from the recipes themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

RECIPES = Path(__file__).parents[1] / "recipes"
MAIN = RECIPES / "factual.yaml"
PARTS = (
    "clean",
    "passages",
    "represent",
    "recall",
    "rag",
    "correct",
    "combine",
    "think",
    "mix",
    "report",
)
_LONG = 60  # characters of a default that is shown whole
_TITLES = {
    "models": "Models",
    "path": "Where documents come from and files go (`path`)",
    "system": "The whole (`system`)",
    "dataset_context": "The domain (`dataset_context`)",
    "quality": "Duplicates, contamination, held-out data (`quality`)",
    "pdf_cleaning": "Cleaning (`pdf_cleaning`)",
    "representation_variation": "Texts for pretraining (`representation_variation`)",
    "factual_sft": "Ways of asking (`factual_sft`)",
    "factual_sft_settings": "Questions and answers (`factual_sft_settings`)",
    "thought_process": "Thought processes (`thought_process`)",
    "rag_data": "Retrieved texts (`rag_data`)",
    "correction_pipeline": "Corrections (`correction_pipeline`)",
    "final_datasaving_settings": "The mix and its form (`final_datasaving_settings`)",
    "model_training": "Training (`model_training`)",
}
Rows = Iterator[tuple[str, str, str, str]]


def main_recipe() -> str:
    """Return the parameters of the main recipe by group, then the records that they hold."""
    spec = _load(MAIN)
    groups: dict[str, dict[str, Any]] = {}
    for name, raw in spec["params"].items():
        groups.setdefault(raw["group"], {})[name] = _resolved(MAIN, spec, raw)
    ordered = {group: groups.pop(group) for group in _TITLES if group in groups}
    assert not groups, f"give these groups a title: {list(groups)}"
    parts = [f"### {_TITLES[group]}\n\n{_table(params)}" for group, params in ordered.items()]
    types = {**spec["records"], **_types()}
    shown = {name: types[name] for name in _named(ordered) if name in types}
    parts += [f"### {name}\n\n{_table(_long(fields))}" for name, fields in shown.items()]
    return "\n".join(parts)


def sub_recipes() -> str:
    """Return the parameters of each part of the recipe, as it has them when it runs alone."""
    parts = ["# Parameters of the sub-recipes\n"]
    for part in PARTS:
        file = RECIPES / f"factual/{part}.yaml"
        spec = _load(file)
        said = spec["description"]
        params = {n: _resolved(file, spec, raw) for n, raw in spec.get("params", {}).items()}
        table = _table(params) if params else "No parameters.\n"
        parts.append(f"## {part}\n\n{said}\n\n{table}")
    return "\n".join(parts)


def _load(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def _types() -> dict[str, Any]:
    records: dict[str, Any] = _load(RECIPES / "factual/types.yaml")["records"]
    return records


def _resolved(file: Path, spec: Mapping[str, Any], raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameter as written where it is forwarded from."""
    if "forward" not in raw:
        return raw
    step, _, name = raw["forward"].partition(".")
    module = file.parent / spec["steps"][step]["use"]
    inner = _load(module)
    return _resolved(module, inner, inner["params"][name])


def _named(groups: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Return the record types that parameters have, each once."""
    kinds = [p["type"] for params in groups.values() for p in params.values()]
    return dict.fromkeys(str(k[0] if isinstance(k, list) else k) for k in kinds)


def _long(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {n: f if isinstance(f, dict) and "type" in f else {"type": f} for n, f in fields.items()}


def _table(params: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [("parameter", "type", "default", "what it does"), ("---",) * 4, *_rows(params)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rows(params: Mapping[str, Mapping[str, Any]]) -> Rows:
    for name, raw in params.items():
        description = _cell(str(raw.get("description", "")))
        yield f"`{name}`", f"`{_type(raw['type'])}`", _default(raw), description


def _type(kind: Any) -> str:
    if isinstance(kind, list):
        return f"[{_type(kind[0])}]"
    text = kind if isinstance(kind, str) else json.dumps(kind).replace('"', "")
    return _cell(text)


def _default(raw: Mapping[str, Any]) -> str:
    if "default" not in raw:
        return "null" if "| null" in str(raw["type"]) else "to be given"
    text = json.dumps(raw["default"], ensure_ascii=False)
    return f"`{_cell(text)}`" if len(text) <= _LONG else "see the recipe"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
