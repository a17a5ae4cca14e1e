"""No source of stored results changes without its version: a table says which belong together."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import pytest

from tests.stdlib.functions import slices, versions

NUMBERS = itertools.count()

MAIN = '''\
"""A function."""
import re
from {0}.more import helper
from {0} import more

LIMIT = 3
FORMS = {{}}
FORMS["a"] = str.upper
UNUSED = 1


def unread(text):
    return text


class Keeper:
    """Keeps."""

    size = 1

    def keep(self, text: str) -> str:
        return text[self.size :]


def apply(row, options, context):
    """Return what is left."""
    # in short
    kept = Keeper().keep(row["text"])
    return FORMS["a"](helper(kept[:LIMIT])) + more.other(re.sub("x", "", kept))
'''

MORE = """\
from pathlib import Path


def helper(text):
    return deep(text)


def deep(text, last=" "):
    return text.strip(last)


def other(text):
    return text + Path(__file__).with_name("words.txt").read_text()


def unread(text):
    return text
"""

# what is edited -> the edit of a file, and whether it counts
EDITS: dict[str, tuple[str, str, str, bool]] = {
    "a comment": ("main.py", "# in short", "# at length", False),
    "a docstring": ("main.py", "Return what is left.", "Return the rest.", False),
    "the docstring of a class": ("main.py", '    """Keeps."""\n\n', "", False),
    "formatting": ("main.py", 'keep(row["text"])', "keep(\n        row['text']\n    )", False),
    "types of arguments": ("main.py", "(self, text: str) -> str", "(self, text)", False),
    "a function that is not called": (
        "main.py",
        "unread(text):\n    return",
        "unread(text):\n    del",
        False,
    ),
    "a constant that is not read": ("main.py", "UNUSED = 1", "UNUSED = 2", False),
    "its body": ("main.py", 'row["text"]', 'row["words"]', True),
    "a constant": ("main.py", "LIMIT = 3", "LIMIT = 4", True),
    "a number that is another type": ("main.py", "LIMIT = 3", "LIMIT = 3.0", True),
    "an entry of a table": ("main.py", "str.upper", "str.lower", True),
    "a method": ("main.py", "[self.size :]", "[: self.size]", True),
    "a field of a class": ("main.py", "size = 1", "size = 2", True),
    "a function of another file, by way of a third": ("more.py", "text.strip", "text.rstrip", True),
    "a default": ("more.py", 'last=" "', 'last=""', True),
    "a function named by its module": ("more.py", "text + Path", "Path", True),
    "data beside a file that says where it is": ("words.txt", "one", "two", True),
    "what another file does not do": (
        "more.py",
        "unread(text):\n    return",
        "unread(text):\n    del",
        False,
    ),
}


def sliced(folder: Path, edit: tuple[str, str, str] | None, patch: pytest.MonkeyPatch) -> str:
    """Return the hash of `apply` in a package with these files, after an edit."""
    name = f"sliced{next(NUMBERS)}"  # what was imported once stays
    package = folder / name
    package.mkdir()
    texts = {"__init__.py": "", "main.py": MAIN.format(name), "more.py": MORE, "words.txt": "one"}
    if edit is not None:
        file, old, new = edit
        assert texts[file].count(old) == 1
        texts[file] = texts[file].replace(old, new)
    for file, text in texts.items():
        (package / file).write_text(text, "utf-8")
    patch.syspath_prepend(str(folder))
    patch.setattr(slices, "OWN", name)
    parts = slices.parts_of((f"{name}.main", "apply"))
    return json.dumps(parts, sort_keys=True).replace(name, "")


@pytest.mark.parametrize("edited", EDITS)
def test_what_counts_is_what_runs(
    edited: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *edit, counts = EDITS[edited]
    before = sliced(tmp_path, None, monkeypatch)
    assert (sliced(tmp_path, (edit[0], edit[1], edit[2]), monkeypatch) != before) is counts


def test_a_cutter_counts_its_tokens_and_not_its_options() -> None:
    parts = slices.parts_of(("atkc.stdlib.functions.text_chunk", "apply"))
    assert "atkc.stdlib.tokens:count" in parts
    assert "atkc.stdlib.functions.spans:units" in parts
    assert "atkc.stdlib.functions.text_chunk:SIGNATURE" not in parts


def test_every_source_has_the_version_that_the_table_says() -> None:
    wrong = versions.mistakes(versions.known(), versions.found())
    assert not wrong, "\n".join(wrong.values())


NAME = "text.chunk"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the table, in which the source of one function was another."""
    copy = tmp_path / "versions.json"
    shutil.copy(versions.TABLE, copy)
    monkeypatch.setattr(versions, "TABLE", copy)
    change(copy, sha256="0")
    return copy


def change(table: Path, **entry: str) -> None:
    told = json.loads(table.read_text("utf-8"))
    told[NAME] |= entry
    table.write_text(json.dumps(told), "utf-8")


def test_an_edit_without_a_new_version_is_told_with_what_to_do(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ([], ["--renew"]):
        assert versions.main(words) == 1
        told = capsys.readouterr().err
        assert f"the source of `{NAME}` has changed and its version has not" in told
        assert "Raise `version` in its signature, then run `python -m " in told
    assert versions.known()[NAME]["sha256"] == "0"


def test_the_table_is_renewed_for_a_new_version(table: Path) -> None:
    change(table, version="0")
    assert list(versions.mistakes(versions.known(), versions.found())) == [NAME]
    assert versions.main(["--renew"]) == 0
    assert versions.known() == versions.found()


def test_the_table_is_renewed_for_an_edit_that_changes_no_result(table: Path) -> None:
    assert versions.main(["--renew", "--same-results", NAME]) == 0
    assert versions.known() == versions.found()
