"""A config on disk, imported by the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from atkc.cli.entry import run
from atkc.compiler.front import Compiled, compile_file
from atkc.compiler.params import Given
from atkc.spec.places import canonical
from atkc.stdlib.library import library


@dataclass(frozen=True)
class Imported:
    """What an import has left in its folder."""

    folder: Path
    code: int

    @property
    def params(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load((self.folder / "params.yaml").read_text("utf-8"))
        return loaded

    @property
    def report(self) -> str:
        return (self.folder / "REPORT.md").read_text("utf-8")

    def rows(self) -> dict[str, tuple[str, str, str]]:
        """Return parameter, verdict and reason by key; each key has one row."""
        rows: dict[str, tuple[str, str, str]] = {}
        for line in self.report.partition("| --- |")[2].partition("\n\n")[0].splitlines()[1:]:
            key, _, to, verdict, why = (cell.strip() for cell in line.strip("|").split(" | ", 4))
            assert key not in rows, key
            rows[key.strip("`")] = (to.strip("`"), verdict, why)
        return rows

    def at(self, place: str) -> Any:
        """Return the value of a parameter, `input_dirs/0/path`."""
        value: Any = self.params
        for part in place.split("/"):
            value = value[int(part)] if part.isdigit() else value[part]
        return value

    def compiled(self, *overrides: tuple[str, Any]) -> Compiled:
        """Return the recipe compiled with the parameters, and some in their place."""
        recipe = self.folder / "recipe.yaml"
        path = canonical(recipe) if recipe.exists() else "atkc:recipes/factual.yaml"
        base = str(self.folder.absolute())
        given = [Given((n,), v, "params.yaml", base) for n, v in self.params.items()]
        given += [Given((n,), v, "--set", base) for n, v in overrides]
        return compile_file(path, library(), given)


def imported(folder: Path, text: str, *options: str) -> Imported:
    """Import a config that is written below a folder."""
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    out = folder / "out"
    words = ["import", "augmentoolkit", str(file), "--output", str(out), "--root", str(folder)]
    return Imported(out, run([*words, *options]))
