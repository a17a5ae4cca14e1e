"""Each prompt file: it holds to its schema, its examples obey its contract, a recipe names it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from atkc.compiler.load import Workspace
from atkc.compiler.records import record_types
from atkc.spec.contract import Contract, parse_contract
from atkc.spec.places import canonical
from atkc.spec.rowtype import Record
from atkc.spec.template import Template, check, parse
from atkc.spec.typetext import parse_field
from atkc.stdlib.library import library
from atkc.stdlib.replies import parse_reply

RECIPES = Path(__file__).parents[2] / "recipes"
FILES = sorted(RECIPES.glob("**/prompts/*.yaml"))
_NO_SPECS = ("prompts", "profiles")
SPECS = [p for p in sorted(RECIPES.glob("**/*.yaml")) if p.parent.name not in _NO_SPECS]
# Prompts that begin with a passage show it as offline and real models are told to read it.
FENCED = re.compile(r'^Passage:\n"""\n\{\{ text \}\}\n"""', re.MULTILINE)

HOLE = re.compile(r"\$\{[^}]*\}")
PATHS = re.compile(r"[\w./]*prompts/(?:\$\{[^}]*\}|[\w./-])+")


def load(file: Path) -> dict[str, Any]:
    space = Workspace(library())
    document = space.document(canonical(file), "prompt")
    assert document is not None, space.diagnostics
    assert record_types(space, document) == {}
    return dict(document.data)


def contract_of(data: dict[str, Any]) -> Contract:
    found = parse_contract(_whole(data["reply"]), {})
    assert isinstance(found, Contract), found
    return found


def _whole(reply: dict[str, Any]) -> dict[str, Any]:
    """Return a contract with every verdict value, also those that params may leave out."""
    verdict = reply.get("verdict")
    if verdict is None:
        return reply
    values = {
        name: words["words"] if isinstance(words, dict) else words
        for name, words in verdict["values"].items()
    }
    return {**reply, "verdict": {**verdict, "values": values}}


prompts = pytest.mark.parametrize("file", FILES, ids=lambda p: p.stem)


def test_there_are_prompts_for_every_way_and_eight_forms() -> None:
    names = {p.stem for p in FILES}
    assert len([n for n in names if n.startswith("rewrite_")]) >= 8
    assert {f"ask_{way}" for way in ("openended", "negative", "followup")} <= names


@prompts
def test_examples_obey_the_contract(file: Path) -> None:
    data = load(file)
    contract = contract_of(data)
    assert data["examples"]
    for example in data["examples"]:
        items = parse_reply(contract, example["assistant"])
        assert items
        assert all(item for item in items)


@prompts
def test_templates_read_what_the_file_declares(file: Path) -> None:
    data = load(file)
    fields = {name: parse_field(kind, {}) for name, kind in data["fields"].items()}
    params = {name: parse_field(kind, {}).type for name, kind in data.get("params", {}).items()}
    scope = Record.of({**fields, "params": Record.of(params)})
    used: set[str] = set()
    for message in data["messages"]:
        template = parse(message["content"])
        assert isinstance(template, Template)
        names, problems = check(template, scope)
        assert problems == []
        used |= names
    assert used >= set(fields)


@prompts
def test_a_passage_stands_in_quotes_below_its_label(file: Path) -> None:
    data = load(file)
    user = next(m["content"] for m in data["messages"] if m["role"] == "user")
    assert ("text" in data["fields"]) == bool(FENCED.search(user))


@prompts
def test_a_verdict_gives_its_reason(file: Path) -> None:
    contract = contract_of(load(file))
    assert (contract.verdict is not None) == contract.reason


@prompts
def test_a_recipe_names_it(file: Path) -> None:
    assert any(_names(spec, file) for spec in SPECS)


def _names(spec: Path, file: Path) -> bool:
    """Return whether a spec names a prompt file, by itself or by a pattern such as `ask_${…}`."""
    for path in PATHS.findall(spec.read_text("utf-8")):
        parts = HOLE.split(path.removeprefix("../"))
        pattern = "[a-z_]+".join(re.escape(part) for part in parts)
        if re.search(f"(?:^|/){pattern}$", file.as_posix()):
            return True
    return False


def test_specs_are_yaml_mappings() -> None:
    for spec in SPECS:
        assert yaml.safe_load(spec.read_text("utf-8"))["atkc"] == 1
