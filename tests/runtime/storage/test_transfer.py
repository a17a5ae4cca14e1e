"""A store goes into a file and comes out again whole; a spoiled file loses what is spoiled only."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from atkc.runtime.errors import StoreError
from atkc.runtime.keys import text_key
from atkc.runtime.storage.carry import export_store, import_file
from atkc.runtime.storage.store import FILE, open_store
from atkc.runtime.storage.transfer import Carried, ForeignFileError, Refused, read, read_head, write
from atkc.runtime.storage.verify import verify
from tests.runtime.storage.kit import asked, fill, flip, held, sql


def exported(folder: Path, *targets: str) -> bytes:
    file = io.BytesIO()
    export_store(folder, file, targets)
    return file.getvalue()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    fill(tmp_path / "source")
    return tmp_path / "source"


def test_all_comes_over_with_its_requests_days_and_origins(source: Path, tmp_path: Path) -> None:
    sql(source, "UPDATE entry SET day=day-40")
    done = import_file(tmp_path / "b", io.BytesIO(exported(source)))
    assert (done.new, done.known, done.refused.is_something) == (100, 0, False)
    assert held(tmp_path / "b") == held(source)
    facts = "SELECT key, kind, generation, day, origin FROM entry ORDER BY key"
    assert sql(tmp_path / "b", facts) == sql(source, facts)
    store = open_store(tmp_path / "b")
    assert store.request(text_key(asked(7))) == asked(7)
    assert store.stats()["entries"] == 100
    store.close()
    assert verify(tmp_path / "b", FILE, repair=False).is_sound


def test_the_first_value_wins(source: Path, tmp_path: Path) -> None:
    fill(tmp_path / "b", range(50, 150))
    before = held(tmp_path / "b")
    done = import_file(tmp_path / "b", io.BytesIO(exported(source)))
    assert (done.new, done.known) == (50, 50)
    assert before.items() <= held(tmp_path / "b").items()
    assert len(held(tmp_path / "b")) == 150


def test_corrupt_entries_are_left_out_of_an_export(source: Path) -> None:
    flip(source, "value", text_key(asked(3)))
    file = io.BytesIO()
    done = export_store(source, file)
    assert (done.entries, done.corrupt) == (99, 1)


def test_only_what_a_run_used_goes_out(source: Path, tmp_path: Path) -> None:
    store = open_store(source)
    with store.noting(str(tmp_path / "out"), "spec"):
        for number in range(7):
            store.get(text_key(asked(number)))
    store.close()
    import_file(tmp_path / "b", io.BytesIO(exported(source, str(tmp_path / "out"))))
    assert len(held(tmp_path / "b")) == 7
    with pytest.raises(StoreError, match="no run into"):
        exported(source, "nowhere")


def many(count: int) -> bytes:
    """Return a file of entries that fill several blocks."""
    texts = (asked(n) for n in range(count))
    carried = (Carried(text_key(t), "call", 0, t * 20, t, 0, "m") for t in texts)
    file = io.BytesIO()
    write(file, 0, carried)
    return file.getvalue()


WHOLE = many(100)


def kept(data: bytes) -> tuple[int, Refused]:
    refused = Refused()
    file = io.BytesIO(data)
    read_head(file)
    return len(list(read(file, refused))), refused


def test_a_whole_file_has_nothing_to_refuse() -> None:
    assert kept(WHOLE) == (100, Refused())


@pytest.mark.parametrize("place", [0.3, 0.5, 0.8])
def test_a_flipped_byte_costs_its_block_and_no_other(place: float) -> None:
    data = bytearray(WHOLE)
    data[int(len(data) * place)] ^= 1
    count, refused = kept(bytes(data))
    assert 0 < refused.entries < 100
    assert count == 100 - refused.entries
    assert not refused.cut_off


@pytest.mark.parametrize("field", [0, 9, 13, 17])
def test_a_spoiled_head_of_a_block_costs_that_block(field: int) -> None:
    second = WHOLE.index(b"blok", WHOLE.index(b"blok") + 4) - 4
    data = bytearray(WHOLE)
    data[second + field] ^= 0x81
    count, refused = kept(bytes(data))
    assert 0 < count == 100 - refused.entries
    assert refused.is_something


@pytest.mark.parametrize("place", [0.2, 0.6, 0.999])
def test_a_file_that_was_cut_off_is_known(place: float) -> None:
    count, refused = kept(WHOLE[: int(len(WHOLE) * place)])
    assert refused.cut_off
    assert count < 100 or place > 0.9


def test_an_entry_under_a_key_not_its_own_stays_out() -> None:
    file = io.BytesIO()
    write(file, 0, [Carried(text_key(b"other"), "call", 0, b"v", asked(1), 0, "m")])
    count, refused = kept(file.getvalue())
    assert (count, refused.wrong_keys) == (0, 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no file of"),
        (b"PK\x03\x04", "no file of"),
        (b"[]\n", "no file of"),
        (b'{"format":"other","version":1,"generation":0}\n', "no file of"),
        (b'{"format":"atkc-cache","version":2,"generation":0}\n', "format 2 of a newer atkc"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(ForeignFileError, match=said):
        import_file(tmp_path / "b", io.BytesIO(data))
    assert not (tmp_path / "b").exists()


def test_generations_keep_their_meaning(source: Path, tmp_path: Path) -> None:
    store = open_store(source)
    store.open_generation()
    store.close()
    fill(source, range(100, 110))
    data = exported(source)
    done = import_file(tmp_path / "empty", io.BytesIO(data))
    assert (done.new, done.earlier, done.later) == (110, 100, 0)
    store = open_store(tmp_path / "empty")
    assert store.generation == 1
    store.close()
    fill(tmp_path / "used", range(200, 201))
    done = import_file(tmp_path / "used", io.BytesIO(data))
    # `--fresh` would meet them there, where it must meet nothing
    assert (done.new, done.later) == (100, 10)
