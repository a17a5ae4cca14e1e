"""Training configs as far as the checks need them, with the lines of their entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    import yaml


class Entry(Struct, frozen=True):
    """A file under `datasets` (or `test_datasets`), with its keys and its line."""

    place: Path
    keys: Mapping[str, Any]
    line: int
    test: bool


class Config(Struct, frozen=True):
    """A training config."""

    place: Path
    entries: tuple[Entry, ...]
    sequence_len: int | None
    made: tuple[Path, ...]  # folders that training writes


def read_config(path: Path) -> Config | None:
    """Return a YAML file as a training config; None where it names no `datasets`."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        told, node = yaml.safe_load(text), yaml.compose(text, yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("datasets"), list):
        return None
    length = told.get("sequence_len")
    made = [told.get("output_dir"), told.get("dataset_prepared_path")]
    assert isinstance(node, yaml.MappingNode)
    return Config(
        path,
        tuple(_entries(path, told, node)),
        length if isinstance(length, int) else None,
        tuple(path.parent / name for name in made if isinstance(name, str)),
    )


def _entries(path: Path, told: Mapping[str, Any], node: yaml.MappingNode) -> Iterator[Entry]:
    lists = {key.value: value for key, value in node.value}
    for name in ("datasets", "test_datasets"):
        if not isinstance(told.get(name), list):
            continue
        for keys, item in zip(told[name], lists[name].value, strict=True):
            if isinstance(keys, dict) and isinstance(keys.get("path"), str):
                place = path.parent / keys["path"]
                yield Entry(place, keys, item.start_mark.line + 1, name == "test_datasets")
