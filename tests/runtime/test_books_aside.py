"""What is counted beside the ledger's balance: money by step, ballots, documents that were read."""

from __future__ import annotations

import pytest

from atkc.runtime.ledger import ASIDE, LedgerRow, Tally
from atkc.runtime.trail import document_of


def test_what_replies_came_to_is_summed_by_step() -> None:
    tally = Tally("ask")
    tally.asked(2, 1)
    tally.paid(10, 3, 0.5)
    tally.paid(0, 0, 0.0)  # from the store
    tally.paid(5, 4, 0.25)
    row = tally.row()
    assert (row.calls, row.cached) == (2, 1)
    assert (row.prompt_tokens, row.completion_tokens, row.money) == (15, 7, 0.75)


def test_votes_are_counted_by_their_ballots_in_any_order() -> None:
    tally = Tally("judge")
    for ballots in ([True, True], [True, False, True], [True, True, False], [None, False]):
        tally.voted(ballots)
    assert tally.row().ballots == (((0, 1, 1), 1), ((2, 0, 0), 1), ((2, 1, 0), 2))


def test_what_stands_aside_are_fields_of_a_row() -> None:
    row = LedgerRow("s", "", 0, 0, 0, 0, 0, 0, 0, 0, 0, ())
    assert all(hasattr(row, name) for name in ASIDE)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("a.txt", "a.txt"),
        ("rows.jsonl#12", "rows.jsonl"),
        ("notes#2/a#b.txt", "notes#2/a#b.txt"),
        ("a#", "a#"),
        ("#3", ""),
    ],
)
def test_the_rows_of_a_file_are_one_document(name: str, document: str) -> None:
    assert document_of(name) == document
