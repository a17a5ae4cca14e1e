"""The schemas in `schema/`: fresh, and true of what the compiler writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from atkc.compiler.front import compile_file
from atkc.compiler.plan import to_json
from atkc.compiler.schema_files import FILES, main
from atkc.spec.places import SHIPPED, canonical
from atkc.spec.schema_build import as_text
from atkc.stdlib.library import library


def test_the_files_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", FILES)
def test_each_is_a_schema_without_any_of(name: str) -> None:
    schema = json.loads((SHIPPED / "schema" / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    if name == "pipeline.schema.json":  # its messages name no branch (rules 27)
        steps = {k: v for k, v in schema["$defs"].items() if k.startswith("step-")}
        assert "anyOf" not in as_text(steps)


def test_a_plan_holds_to_its_schema() -> None:
    found = compile_file(canonical("atkc:recipes/factual/recall.yaml"), library()).plan
    assert found is not None
    schema = json.loads((SHIPPED / "schema" / "plan.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(to_json(found)))


def test_check_tells_of_a_stale_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "schema").mkdir()
    monkeypatch.setattr("atkc.compiler.schema_files.SHIPPED", tmp_path)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0
    assert "plan.schema.json" in capsys.readouterr().err
