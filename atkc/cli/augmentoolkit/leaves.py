"""The values of a config: where each stands, and the name by which a table knows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from atkc.cli.augmentoolkit.marks import MARK
from atkc.cli.augmentoolkit.reading import value_of
from atkc.spec.diagnostic import Diagnostic, Label
from atkc.spec.nodes import ListNode, MapNode, Node, ScalarNode
from atkc.spec.source import Span

# Sections are merged into one set of keys; what stands below these stays nested.
MAPS = ("factual_sft",)  # a mapping of names to mappings
FREE = ("template_kwargs", "other_pretrain_kwargs", "other_finetune_kwargs")  # keys of others
_NESTED = (*MAPS, *FREE, "input_dirs", "generic_dataset_paths")

Place = tuple[str | int, ...]


class Leaf(Struct, frozen=True):
    """A value of the config, or an empty mapping or list."""

    place: Place
    name: str  # `use_stop`, `input_dirs[].path`, `factual_sft.*.prompts`, `template_kwargs.*`
    value: Any
    span: Span  # of its key
    reach: tuple[tuple[int, int], tuple[int, int]]  # from its key to its end: lines and columns
    unfilled: bool  # whether a mark such as !!PLACEHOLDER!! stands in it

    @property
    def path(self) -> str:
        """Return the place as the report shows it."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.place)
        return text.removeprefix(".")

    @property
    def nested(self) -> Place:
        """Return the place from the key on that keeps its structure, else the key alone."""
        for at, part in enumerate(self.place):
            if part in _NESTED:
                return self.place[at:]
        return self.place[-1:]


class Config(Struct, frozen=True):
    """All values of a config, and where its paths and ours belong."""

    file: str
    leaves: tuple[Leaf, ...]
    root: Path  # what the config's own paths are relative to
    target: Path  # the folder in which params.yaml will lie

    def named(self, name: str) -> Leaf | None:
        """Return the value of a name that occurs once."""
        return next((leaf for leaf in self.leaves if leaf.name == name), None)

    def all(self, name: str) -> tuple[Leaf, ...]:
        """Return the values of a name that may occur several times."""
        return tuple(leaf for leaf in self.leaves if leaf.name == name)


def leaves_of(root: MapNode) -> tuple[Leaf, ...]:
    """Return the values of a config in the order of the file."""
    return tuple(_walk(root, (), root))


def twice(leaves: Sequence[Leaf]) -> Iterator[Diagnostic]:
    """Yield a finding for each key that two sections give: the original refuses such a file."""
    first: dict[str, Leaf] = {}
    for leaf in leaves:
        if len(leaf.nested) > 1:
            continue
        before = first.setdefault(leaf.name, leaf)
        if before is not leaf:
            yield Diagnostic(
                "ATK112",
                f"the key `{leaf.name}` stands in two sections, which are one set of keys",
                leaf.span,
                (Label(before.span, "first written here"),),
                "remove one of them",
            )


def _walk(node: Node, place: Place, key: Node) -> Iterator[Leaf]:
    if isinstance(node, MapNode) and node.entries:
        for name, value in node.entries:
            yield from _walk(value, (*place, name.text), name)
    elif isinstance(node, ListNode) and _has_maps(node) and not _is_free(place):
        for number, item in enumerate(node.items):
            yield from _walk(item, (*place, number), item)
    else:
        value = value_of(node)
        unfilled = any(MARK.search(text) for text in _texts(value))
        start, end = key.span, node.span
        reach = (start.line, start.col), (end.end_line, end.end_col)
        yield Leaf(place, _name(place), value, start, reach, unfilled)


def _has_maps(node: ListNode) -> bool:
    return any(not isinstance(item, ScalarNode) for item in node.items)


def _is_free(place: Place) -> bool:
    return any(part in FREE for part in place)


def _name(place: Place) -> str:
    for at, part in enumerate(place):
        if part in FREE:
            return f"{part}.*" if at + 1 < len(place) else str(part)
        if part in _NESTED:
            rest = place[at + 1 :]
            if part in MAPS and rest:
                rest = ("*", *rest[1:])
            return str(part) + "".join("[]" if isinstance(p, int) else f".{p}" for p in rest)
    return str(place[-1]) if place else ""


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for name, item in value.items():
                yield str(name)
                yield from _texts(item)
