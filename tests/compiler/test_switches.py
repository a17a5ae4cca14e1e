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
CASES: list[tuple[str, str, list[str]]] = [
    # off by default, and broken when switched on
    (BOOL % "false", "a: {type: map, from: rows, when: '${params.go}', where: nn > 1}\n", ["ATK401"]),
    # on by default; its field is missing where it is read when switched off
    (
        BOOL % "true",
        "x: {type: map, from: rows, when: '${params.go}', set: {m: n}}\n"
        "a: {type: map, from: x, where: m > 1}\n",
        ["ATK401"],
    ),
    # both hang on one switch: nobody reads what is not there
    (
        BOOL % "true",
        "x: {type: map, from: rows, when: '${params.go}', set: {m: n}}\n"
        "a: {type: map, from: x, when: '${params.go}', where: m > 1}\n",
        [],
    ),
    # two switches: one off and the other on is broken, all on and all off are not
    (
        BOOL % "true",
        "x: {type: map, from: rows, when: '${params.go}', set: {m: n}}\n"
        "a: {type: map, from: x, when: '${params.b}', where: m > 1}\n",
        ["ATK401"],
    ),
    # null is tried, and a value where it is null
    (
        "params: {k: {type: integer | null, default: null}}\n",
        "a: {type: combine, op: take, from: rows, when: '${params.k != null}', first: '${params.k}'}\n",
        [],
    ),
    (
        "params: {k: {type: string | null, default: null}}\n",
        "a: {type: combine, op: take, from: rows, when: '${params.k != null}', first: '${params.k}'}\n",
        ["ATK202"],
    ),
    # the other words of an enum
    (
        "params: {k: {type: one of a | b, default: a}}\n",
        "a: {type: map, from: rows, when: '${params.k == \"b\"}', set: {id: n}}\n",
        ["ATK430"],
    ),
    # a number on the other side of its bound
    (
        "params: {k: {type: integer, default: 3, minimum: 0}}\n",
        "x: {type: map, from: rows, when: '${params.k > 0}', set: {m: n}}\n"
        "a: {type: map, from: x, where: m > 1}\n",
        ["ATK401"],
    ),
    # a field of the items that `for_each` goes over
    (
        "params: {ways: {type: [{name: string, go: boolean}], default: [{name: p, go: false}]}}\n",
        "a: {type: map, for_each: {w: '${params.ways}'}, from: rows, when: '${w.go}', where: nn > 1}\n",
        ["ATK401"],
    ),
    # a step behind the switch names a file that is not there
    (
        BOOL % "false",
        "a: {type: prompt, from: rows, when: '${params.go}', model: m, prompt: no.yaml, as: r}\n",
        ["ATK001"],
    ),
]


def lint(folder: Path, head: str, steps: str, **files: Any) -> list[tuple[str, str]]:
    path = write(folder, steps, MODEL + head, **files)
    done = compile_file(canonical(path), library(), only_check=True)
    return [(d.code, d.message) for d in done.diagnostics]


@pytest.mark.parametrize(("head", "steps", "wanted"), CASES)
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
