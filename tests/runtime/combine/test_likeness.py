"""Near-duplicates: units, shingles, what the index finds, `dedupe` and `cluster` with `near`."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atkc.runtime.combine.likeness import Likeness, LikeTexts, jaccard, shingles
from atkc.runtime.combine.units import runs, units
from atkc.runtime.spool import Shelf
from tests.runtime.engine.kit import FakeCaller, Flow, Ran, go, texts

NEAR = {"near": 0.8, "shingle": 3, "permutations": 128}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Die Küste, 2nd!", ["die", "küste", "2nd"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("Ku\u0308ste", ["küste"]),
        ("\uff11\uff12 Boote", ["12", "boote"]),
        ("_so_ it—is", ["so", "it", "is"]),
        ("東京都は x 海", ["東", "京", "都", "は", "x", "海"]),
        ("น้ำใส", ["น", "้", "ํ", "า", "ใ", "ส"]),
        ("किताब पढ़ो", ["किताब", "पढ़ो"]),
        ("서울 바다", ["서울", "바다"]),
        ("…", []),
    ],
)
def test_units(text: str, found: list[str]) -> None:
    assert units(text) == found


@pytest.mark.parametrize(
    ("found", "length", "joined"),
    [
        (["a", "b", "c"], 2, ["a b", "b c"]),
        (["a", "b"], 2, ["a b"]),
        (["a"], 2, ["a"]),
        ([], 2, []),
    ],
)
def test_runs(found: list[str], length: int, joined: list[str]) -> None:
    assert runs(found, length) == joined


@pytest.mark.parametrize(
    ("one", "other", "similarity"),
    [
        (["A b, c d!"], ["a B c d"], 1.0),
        (["a b c d e f"], ["a b c d e x"], 3 / 5),
        (["a b"], ["a b c"], 0.0),
        (["東京都の海は広い"], ["東京都の海は広い。"], 1.0),
        (["東京都の海は広い"], ["東京都の海は青い"], 4 / 8),
        (["+"], ["-"], 0.0),
        ([""], [" "], 1.0),
        (["a b", "c d"], ["a b c", "d"], 0.0),  # no shingle spans two fields
    ],
)
def test_similarity(one: list[str], other: list[str], similarity: float) -> None:
    assert jaccard(shingles(one, 3), shingles(other, 3)) == pytest.approx(similarity)


@pytest.mark.parametrize(
    ("near", "permutations", "banding"),
    [
        (0.8, 128, (25, 5)),
        (0.9, 128, (16, 8)),
        (0.5, 128, (64, 2)),
        (1, 128, (1, 128)),
        (0.8, 4, (4, 1)),
    ],
)
def test_as_many_rows_as_miss_too_few(
    near: float, permutations: int, banding: tuple[int, int]
) -> None:
    assert Likeness(near, 3, permutations).banding() == banding


def pair(shared: int, own: int, rng: random.Random) -> tuple[str, str]:
    """Two texts of single-word shingles: similarity is shared / (shared + 2 * own)."""
    words = [f"{rng.getrandbits(48):x}" for _ in range(shared + 2 * own)]
    return " ".join(words[: shared + own]), " ".join(words[:shared] + words[shared + own :])


@pytest.mark.parametrize(
    ("shared", "own", "alike"),
    [(16, 2, True), (160, 20, True), (159, 20, False), (15, 2, False), (161, 20, True)],
)
def test_just_above_and_just_below(tmp_path: Path, shared: int, own: int, alike: bool) -> None:
    rng = random.Random(shared)
    found = 0
    for _ in range(200):
        index = LikeTexts(Likeness(0.8, 1, 128), Shelf(tmp_path))
        one, other = pair(shared, own, rng)
        index.add(index.sketched([one]))
        found += bool(list(index.alike(index.sketched([other]))))
    assert found >= 199 if alike else found == 0


@pytest.mark.parametrize("count", [1, 9, 300, 5000])
def test_the_order_of_a_set_does_not_matter(tmp_path: Path, count: int) -> None:
    """Sets of texts have another order in each process."""
    index = LikeTexts(Likeness(0.8, 1, 128), Shelf(tmp_path))
    words = [f"w{number}" for number in range(count)]
    known = index.sketched([" ".join(words)]).sketch.digest()
    random.Random(count).shuffle(words)
    assert index.sketched([" ".join(words)]).sketch.digest() == known


def dedupe(tmp_path: Path, rows: Any, **options: Any) -> Ran:
    flow = Flow().source("s", rows)
    given = {"by": ["text"], **NEAR, **options}
    flow.combine("c", "dedupe", "s", options=given, order="ordered")
    return go(flow.export("out", "c").export("no", "c.rejected"), tmp_path, queue=2)


A = "one two three four five six seven eight nine ten eleven twelve"  # 10 shingles
NEARLY = A + " thirteen"  # 10 / 11 of A
FARTHER = NEARLY + " fourteen fifteen"  # 10 / 13 of A, 11 / 13 of NEARLY


def test_what_is_like_a_kept_record_is_rejected(tmp_path: Path) -> None:
    ran = dedupe(tmp_path, texts(A, "Clouds bring rain.", NEARLY, A.upper() + "!", FARTHER))
    assert [row["text"] for row in ran.rows()] == [A, "Clouds bring rain.", FARTHER]
    assert [row["text"] for row in ran.rows("no")] == [NEARLY, A.upper() + "!"]
    assert ran.ledger("c").duplicate == 2


def test_it_says_what_it_repeats(tmp_path: Path) -> None:
    rows = [{"text": A, "source": "a.md"}, {"text": NEARLY, "source": "b.md"}]
    ran = dedupe(tmp_path, rows, **{"as": "like", "take": {"text": "text", "from": "source"}})
    (row,) = ran.rows("no")
    assert row["like"] == {"similarity": 0.9091, "of": {"text": A, "from": "a.md"}}
    assert (row["rejected_by"], len(row["duplicate_of"])) == ("c", 32)


def test_equal_records_say_it_too(tmp_path: Path) -> None:
    options = {"near": None, "normalise": "casefold", "as": "same", "take": {"t": "text"}}
    ran = dedupe(tmp_path, texts("a", "A"), **options)
    assert [row["same"] for row in ran.rows("no")] == [{"similarity": 1.0, "of": {"t": "a"}}]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, 2),
        ({"near": 0.76}, 1),
        ({"shingle": 1}, 1),
        ({"near": 0.95, "shingle": 1}, 2),
    ],
    ids=str,
)
def test_options(tmp_path: Path, options: dict[str, Any], kept: int) -> None:
    assert len(dedupe(tmp_path, texts(A, FARTHER), **options).rows()) == kept


def test_few_permutations_miss_more(tmp_path: Path) -> None:
    rng = random.Random(4)
    pairs = [pair(17, 2, rng) for _ in range(300)]  # similarity 0.81
    rows = texts(*(text for both in pairs for text in both))
    few = dedupe(tmp_path, rows, shingle=1, permutations=1).ledger("c").duplicate
    many = dedupe(tmp_path, rows, shingle=1, permutations=128).ledger("c").duplicate
    assert 150 < few < 285
    assert many == 300


def test_several_fields_count_together(tmp_path: Path) -> None:
    rows = [{"q": A, "a": "It is so."}, {"q": A, "a": "No, by no means, not at all ever."}]
    assert len(dedupe(tmp_path, rows, by=["q"]).rows()) == 1
    assert len(dedupe(tmp_path, rows, by=["q", "a"]).rows()) == 2


def test_null_and_long_texts(tmp_path: Path) -> None:
    rng = random.Random(5)
    long = " ".join(f"{rng.getrandbits(20):x}" for _ in range(3000))
    ran = dedupe(tmp_path, texts(None, long, long + " end", "", "+"))  # type: ignore[arg-type]
    assert [row["text"] for row in ran.rows()] == [None, long, "+"]


def noisy(count: int) -> list[dict[str, str]]:
    rng = random.Random(6)
    rows = []
    for _ in range(count):
        words = [rng.choice("abcdefghij") * rng.randint(1, 40) for _ in range(14)]
        rows += [" ".join(words), " ".join(words[:13]), " ".join([*words, "z"])]
    rng.shuffle(rows)
    return texts(*rows)


@pytest.mark.parametrize("operator", ["dedupe", "cluster"])
def test_arrival_does_not_matter(tmp_path: Path, operator: str) -> None:
    options = {"by": ["text"] if operator == "dedupe" else [], **NEAR, "field": "text"}
    options |= {"as": "c", "take": {"t": "text"}}
    flow = Flow().source("s", noisy(60)).ask("p", "s")
    flow.combine("c", operator, "p", options=options, order="ordered")
    flow.export("out", "c")
    if operator == "dedupe":
        flow.export("no", "c.rejected")
    calm = go(flow, tmp_path)
    for delay in (1, 2):
        wild = go(flow, tmp_path, FakeCaller(delay=delay), queue=1, window=50)
        assert wild.raw == calm.raw
    assert len(calm.rows()) == {"dedupe": 60, "cluster": 180}[operator]


def cluster(tmp_path: Path, rows: Any, **options: Any) -> Ran:
    flow = Flow().source("s", rows)
    flow.combine("c", "cluster", "s", options={"as": "cluster", **options}, order="barrier")
    return go(flow.export("out", "c"), tmp_path)


def named(ran: Ran) -> list[int]:
    """The clusters, each as the number of its first record."""
    names = [row["cluster"] for row in ran.rows()]
    return [names.index(name) for name in names]


ALIKE = {**NEAR, "field": "text"}
ROWS = [
    {"text": A, "source": "a", "page": 1},
    {"text": "Clouds bring rain.", "source": "b", "page": 2},
    {"text": FARTHER, "source": "c", "page": None},
    {"text": "Tides turn twice a day.", "source": "b", "page": None},
    {"text": NEARLY, "source": "d", "page": 2},
]


@pytest.mark.parametrize(
    ("options", "clusters"),
    [
        (ALIKE, [0, 1, 0, 3, 0]),  # the last links the first with the third
        ({"by": ["source"]}, [0, 1, 2, 1, 4]),
        ({"by": ["page"]}, [0, 1, 2, 3, 1]),  # null is no value
        ({"by": ["source", "page"]}, [0, 1, 2, 1, 1]),
        ({"by": ["source"], **ALIKE}, [0, 1, 0, 1, 0]),
        ({"by": ["source", "page"], **ALIKE}, [0, 0, 0, 0, 0]),
    ],
    ids=str,
)
def test_cluster(tmp_path: Path, options: dict[str, Any], clusters: list[int]) -> None:
    assert named(cluster(tmp_path, ROWS, **options)) == clusters


def test_equal_values_of_two_fields_link_nothing(tmp_path: Path) -> None:
    rows = [{"a": "x", "b": "y"}, {"a": "y", "b": "x"}, {"a": 1, "b": 0}, {"a": "1", "b": 2}]
    assert named(cluster(tmp_path, rows, by=["a", "b"])) == [0, 1, 2, 3]


def test_the_name_of_a_cluster_stays_when_a_record_is_added(tmp_path: Path) -> None:
    before = {row["text"]: row["cluster"] for row in cluster(tmp_path, ROWS, **ALIKE).rows()}
    more = [{"text": "Quite another one.", "source": "z", "page": 9}, *ROWS]
    after = {row["text"]: row["cluster"] for row in cluster(tmp_path, more, **ALIKE).rows()}
    assert before.items() <= after.items()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.floats(0.1, 0.9))
def test_no_cluster_is_on_both_sides_of_a_split(
    tmp_path_factory: pytest.TempPathFactory, seed: int, share: float
) -> None:
    rng = random.Random(seed)
    rows = [{**row, "source": rng.randrange(20)} for row in noisy(8)]
    flow = Flow().source("s", rows)
    options = {**ALIKE, "near": 0.7, "by": ["source"], "as": "cluster"}
    flow.combine("c", "cluster", "s", options=options, order="barrier")
    into = {"train": share, "test": 1 - share}
    flow.combine("x", "split", "c", options={"into": into}, expressions={"by": "cluster"})
    flow.export("train", "x.train").export("test", "x.test")
    ran = go(flow, tmp_path_factory.mktemp("split"))
    train, test = ran.rows("train"), ran.rows("test")
    assert len(train) + len(test) == len(rows)
    for field in ("cluster", "source"):
        assert not {row[field] for row in train} & {row[field] for row in test}
    sides = [[shingles([row["text"]], 3) for row in side] for side in (train, test)]
    assert all(jaccard(one, other) < 0.7 for one in sides[0] for other in sides[1])
