"""Lint looks at both ways of each `when`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.compiler.front import compile_file
from atkc.compiler.params import Given
from atkc.spec.places import canonical
from atkc.stdlib.library import library
from tests.compiler.kit import MODEL, OUT, write

BOOL = "params: {go: {type: boolean, default: %s}, b: {type: boolean, default: true}}\n"
TAKE = (
    "a: {type: combine, op: take, from: rows, when: '${params.k != null}', first: '${params.k}'}\n"
)
X = "x: {type: map, from: rows, when: '${params.%s}', set: {m: n}}\n"
READER = "a: {type: map, from: x, where: m > 1}\n"
WAYS = "params: {ways: {type: [{name: string, go: boolean}], default: [{name: p, go: false}]}}\n"
EACH = (
    "a: {type: map, for_each: {w: '${params.ways}'}, from: rows, when: '${w.go}', where: nn > 1}\n"
)
FILE = "a: {type: prompt, from: rows, when: '${params.go}', model: m, prompt: no.yaml, as: r}\n"
CASES: dict[str, tuple[str, str, list[str]]] = {
    "broken when switched on": (
        BOOL % "false",
        "a: {type: map, from: rows, when: '${params.go}', where: nn > 1}\n",
        ["ATK401"],
    ),
    "read when switched off": (BOOL % "true", X % "go" + READER, ["ATK401"]),
    "one switch for both": (
        BOOL % "true",
        X % "go" + READER.replace("from: x", "from: x, when: '${params.go}'"),
        [],
    ),
    "neither all on nor all off": (
        BOOL % "true",
        X % "go" + READER.replace("from: x", "from: x, when: '${params.b}'"),
        ["ATK401"],
    ),
    "a value for null": ("params: {k: {type: integer | null, default: null}}\n", TAKE, []),
    "a text for null": ("params: {k: {type: string | null, default: null}}\n", TAKE, ["ATK202"]),
    "another word of an enum": (
        "params: {k: {type: one of a | b, default: a}}\n",
        "a: {type: map, from: rows, when: '${params.k == \"b\"}', set: {id: n}}\n",
        ["ATK430"],
    ),
    "a number on the other side": (
        "params: {k: {type: integer, default: 3, minimum: 0}}\n",
        X % "k > 0" + READER,
        ["ATK401"],
    ),
    "a field of the items of for_each": (WAYS, EACH, ["ATK401"]),
    "a file behind the switch": (BOOL % "false", FILE, ["ATK001"]),
}


def lint(folder: Path, head: str, steps: str, **files: Any) -> list[tuple[str, str]]:
    path = write(folder, steps, MODEL + head, **files)
    done = compile_file(canonical(path), library(), only_check=True)
    return [(d.code, d.message) for d in done.diagnostics if d.severity == "error"]


@pytest.mark.parametrize(("head", "steps", "wanted"), CASES.values(), ids=CASES)
def test_what_another_value_would_break_is_found(
    tmp_path: Path, head: str, steps: str, wanted: list[str]
) -> None:
    found = lint(tmp_path, head, steps + OUT % "a")
    assert [code for code, _ in found] == wanted
    assert all("where `" in message for _, message in found)


def test_a_mistake_that_is_there_both_ways_is_told_once(tmp_path: Path) -> None:
    steps = "x: {type: map, from: rows, when: '${params.go}', where: n > 1}\n"
    steps += "a: {type: map, from: x, where: nn > 1}\n"
    found = lint(tmp_path, BOOL % "false", steps + OUT % "a")
    assert [code for code, _ in found] == ["ATK401"]
    assert "where `" not in found[0][1]


MODULE = (
    "atkc: 1\nname: m\nparams: {go: {type: boolean, default: false}}\n"
    "inputs: {rows: {type: {text: string}}}\n"
    "steps: {x: {type: map, from: rows, when: '${params.go}', where: nn > 1}}\n"
    "outputs: {o: {from: x, type: {text: string}}}\n"
)


def test_modules_are_typed_by_their_outputs_and_carry(tmp_path: Path) -> None:
    steps = (
        "u: {type: use, for_each: {k: [p, q]}, use: module.yaml, from: {rows: rows}, carry: [n],"
        " label: {k: k}}\n"
        "a: {type: map, from: u, when: '${params.go}', where: n > 1 and k != text}\n"
    )
    assert lint(tmp_path, BOOL % "false", steps + OUT % "a", module=MODULE) == []


def test_a_module_shows_its_switches_when_it_is_linted_itself(tmp_path: Path) -> None:
    lint(tmp_path, "", OUT % "rows", module=MODULE)
    done = compile_file(canonical(tmp_path / "module.yaml"), library(), only_check=True)
    assert [d.code for d in done.diagnostics] == ["ATK401"]


def test_values_that_were_given_stay(tmp_path: Path) -> None:
    head = "params: {go: {type: boolean, default: false}, k: {type: integer}}\n"
    steps = "a: {type: map, from: rows, when: '${params.go}', where: n > params.k}\n" + OUT % "a"
    path = write(tmp_path, steps, head)
    given = [Given(("k",), 4, "--set k", str(tmp_path))]
    assert compile_file(canonical(path), library(), given, only_check=True).diagnostics == ()
