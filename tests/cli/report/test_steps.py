"""Rows of the ledger become the books of a node: actions of a map are chained, inputs are added."""

from __future__ import annotations

from atkc.cli.report.steps import by_node, summed


def test_what_comes_into_a_map_goes_through_its_actions() -> None:
    rows = [
        {"step": "m.1", "came": 10, "out": 8, "filtered": 2, "ports": {"main": 7, "aside": 1}},
        {"step": "m.2", "came": 7, "out": 20, "expanded": 13, "ports": {"main": 20}},
    ]
    step = by_node(rows, ["m"], {"m": [1.0, 2.5]})["m"]
    assert (step.came, step.out, step.filtered, step.expanded) == (10, 21, 2, 13)
    assert step.ports == {"main": 20, "aside": 1}
    assert (step.start, step.end) == (1.0, 2.5)
    assert step.came == step.out + step.filtered - step.expanded


def test_what_comes_in_by_several_roles_is_added() -> None:
    rows = [
        {"step": "c", "role": "left", "came": 3, "out": 3, "ports": {"main": 3}},
        {"step": "c", "role": "right", "came": 2, "out": 0, "merged": 2, "ports": {}},
    ]
    step = by_node(rows, ["c"], {})["c"]
    assert (step.came, step.out, step.merged, step.end) == (5, 3, 2, None)


def test_a_step_whose_name_ends_in_a_number_is_its_own() -> None:
    rows = [{"step": "a.1", "came": 1, "out": 1, "ports": {"main": 1}}]
    assert set(by_node(rows, ["a", "a.1"], {})) == {"a.1"}


def test_instances_are_summed() -> None:
    rows = [
        {
            "step": "v/a",
            "came": 4,
            "out": 3,
            "filtered": 1,
            "ports": {"main": 3},
            "ballots": [[[2, 0, 0], 3], [[0, 2, 0], 1]],
        },
        {"step": "v/b", "came": 1, "failed": 1, "out": 0, "ports": {}},
    ]
    books = by_node(rows, ["v/a", "v/b"], {"v/a": [0.5, 1.0], "v/b": [0.2, 0.9]})
    total = summed(books.values())
    assert (total.came, total.out, total.failed, total.start, total.end) == (5, 3, 1, 0.2, 1.0)
    assert total.ballots == {(2, 0, 0): 3, (0, 2, 0): 1}
    assert (total.leaves("rejected"), total.leaves("failed"), total.leaves("main")) == (1, 1, 3)
