"""Headers and spellings of a text."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from atkc.runtime.api import Context
from atkc.spec.rowtype import INTEGER, STRING, Record
from atkc.spec.signature import REQUIRED, Shape, ShapeError
from atkc.stdlib.functions import FUNCTIONS
from atkc.stdlib.functions.variation_forms import FORMS

TEXT = "The old port. It can't\nsail Home"


def options_of(name: str, given: Any) -> dict[str, Any]:
    known = FUNCTIONS[name][0].options
    return {k: o.default for k, o in known.items() if o.default is not REQUIRED} | given


def run(name: str, row: Any, identity: bytes = b"x", **given: Any) -> Any:
    return FUNCTIONS[name][1](row, options_of(name, given), Context(7, identity))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "Source: a.txt\n\nwords"),
        ({"context": "Ports"}, "Context: Ports\nSource: a.txt\n\nwords"),
        ({"context": "Ports", "source": ""}, "Context: Ports\n\nwords"),
        ({"source": "at.file"}, "Source: b.txt\n\nwords"),
    ],
)
def test_header(given: Any, text: str) -> None:
    row = {"text": "words", "source": "a.txt", "at": {"file": "b.txt"}}
    assert run("text.header", row, **given) == {"text": text}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("allcaps", "THE OLD PORT. IT CAN'T\nSAIL HOME"),
        ("lowercase", "the old port. it can't\nsail home"),
        ("serialkillercase", "tHe OlD pOrT. iT cAn'T\nsAiL hOmE"),
        ("titlecase", "The Old Port. It Can't\nSail Home"),
        ("sentencecase", "The old port. It can't\nSail home"),
        ("snakecase", "the_old_port_it_can't\nsail_home"),
        ("kebabcase", "the-old-port-it-can't\nsail-home"),
        ("camelcase", "theOldPortItCan't\nsailHome"),
        ("pascalcase", "TheOldPortItCan't\nSailHome"),
        ("invertcase", "tHE OLD PORT. iT CAN'T\nSAIL hOME"),
    ],
)
def test_forms(form: str, expected: str) -> None:
    assert FORMS[form](TEXT, Random(1)) == expected


@pytest.mark.parametrize("form", ["randomcase", "keyboard_augmentation"])
def test_forms_by_chance_follow_their_seed(form: str) -> None:
    text = TEXT * 5
    assert FORMS[form](text, Random(1)) == FORMS[form](text, Random(1))
    assert FORMS[form](text, Random(1)) != FORMS[form](text, Random(2)) != text


def test_keyboard_slips_are_few() -> None:
    text = "the quick brown fox jumps over the lazy dog " * 50
    slipped = FORMS["keyboard_augmentation"](text, Random(3)).replace(" ", "")
    plain = text.replace(" ", "")
    assert len(slipped) == len(plain)
    assert 0.01 < sum(a != b for a, b in zip(slipped, plain, strict=True)) / len(plain) < 0.06


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize("text", ["", " ", "\n\n", "ß", "汉字", "1", "a"])
def test_any_text_can_be_varied(form: str, text: str) -> None:
    assert isinstance(FORMS[form](text, Random(1)), str)


def test_variation_draws_among_the_forms_given() -> None:
    given = {"forms": ["allcaps", "lowercase"], "as": "how"}
    rows = [run("text.variation", {"text": "Ab"}, bytes([n]), **given) for n in range(40)]
    assert {(r["text"], r["how"]) for r in rows} == {("AB", "allcaps"), ("ab", "lowercase")}
    again = [
        run("text.variation", {"text": "Ab"}, bytes([n]), **given, draw="b") for n in range(40)
    ]
    assert again != rows
    assert run("text.variation", {"t": "Ab"}, field="t", forms=["allcaps"])["t"] == "AB"


@pytest.mark.parametrize(
    ("name", "record", "given", "option"),
    [
        ("text.header", {"text": INTEGER, "source": STRING}, {}, "field"),
        ("text.header", {"text": STRING}, {}, "source"),
        ("text.header", {"text": STRING}, {"source": ""}, "context"),
        ("text.variation", {"body": STRING}, {}, "field"),
        ("text.variation", {"text": STRING}, {"forms": []}, "forms"),
        ("text.variation", {"a": Record.of({"b": STRING})}, {"field": "a.b"}, "field"),
    ],
)
def test_shape_errors(name: str, record: Any, given: Any, option: str) -> None:
    found = FUNCTIONS[name][0].shape(options_of(name, given), Record.of(record))
    assert isinstance(found, ShapeError)
    assert found.option == option


def test_variation_shape_knows_the_forms() -> None:
    shape = FUNCTIONS["text.variation"][0].shape(
        options_of("text.variation", {"forms": ["allcaps"]}), Record.of({"text": STRING})
    )
    assert isinstance(shape, Shape)
    assert shape.removes == {"text"}
    assert shape.adds.names() == ["text", "form"]


def test_tables_agree_with_their_signatures() -> None:
    for name, (signature, _) in FUNCTIONS.items():
        assert signature.name == name
        assert signature.description
