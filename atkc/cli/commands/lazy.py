"""Commands that are imported when they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import click


class Lazy(Mapping[str, click.Command]):
    """Commands by name, from a table of where each stands: `module:attribute` of this room."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = self._places[name].partition(":")
        command: click.Command = getattr(import_module(f"{__package__}.{module}"), attribute)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
