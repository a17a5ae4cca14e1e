"""`atkc init`: a small project that runs at once, or a shipped recipe to be changed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from atkc.cli import codes
from atkc.runtime.errors import UsageError
from atkc.spec.places import SCHEME, SHIPPED
from atkc.spec.suggest import hint

STARTER = SHIPPED / "stdlib" / "starter"
RECIPES = SHIPPED / "recipes"
# Files of the project itself; where they are already, they stay as they are.
PROJECT = {
    "atkc.toml": b"# Marks a project: the paths in its specs stay inside this folder.\n",
    ".gitignore": b".atkc/\noutputs/\n",
}
_HAS_STEPS = re.compile(r"^steps:", re.MULTILINE)


def start(folder: Path, recipe: str | None) -> int:
    """Write the starter, or a shipped recipe with all that belongs to it, below a folder.

    Returns 1, having written nothing, where a file to be written is there already; raises
    UsageError for a recipe that is not shipped and for a folder that cannot be written.
    """
    spec, files = _starter() if recipe is None else _recipe(recipe)
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        listed = "".join(f"\n  {folder / name}" for name in taken)
        sys.stderr.write(f"atkc: nothing is written, for these files are there already:{listed}\n")
        return codes.FINDINGS
    files |= {name: text for name, text in PROJECT.items() if not (folder / name).exists()}
    try:
        for name, content in files.items():
            _write(folder / name, content)
    except OSError as error:
        raise UsageError(f"`{error.filename}` cannot be written: {error.strerror}") from None
    _tell(folder, spec, len(files))
    return codes.COMPLETE


def _starter() -> tuple[str, dict[str, bytes]]:
    return "spec.yaml", {p.relative_to(STARTER).as_posix(): text for p, text in _tree(STARTER)}


def _recipe(wanted: str) -> tuple[str, dict[str, bytes]]:
    """Return the path of a recipe's spec and the files of its family, by path."""
    name = wanted.removeprefix(SCHEME).removeprefix("recipes/").removesuffix(".yaml")
    known = recipes()
    if name not in known:
        helps = hint(name, known) or "the shipped ones are " + ", ".join(f"`{r}`" for r in known)
        raise UsageError(f"there is no recipe `{wanted}`: {helps}")
    family = RECIPES / name.partition("/")[0]
    files = {path.relative_to(RECIPES).as_posix(): text for path, text in _tree(family)}
    spec = f"{name}.yaml"
    return spec, {spec: (RECIPES / spec).read_bytes(), **files}


def recipes() -> tuple[str, ...]:
    """Return the names of the shipped recipes: of every spec below `recipes/` that has steps."""
    specs = (p for p in RECIPES.rglob("*.yaml") if _HAS_STEPS.search(p.read_text(encoding="utf-8")))
    return tuple(sorted(p.relative_to(RECIPES).with_suffix("").as_posix() for p in specs))


def _tree(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path, path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:  # a file that has come up meanwhile is not overwritten either
        file.write(content)


def _tell(folder: Path, spec: str, count: int) -> None:
    where = "" if folder == Path() else f"  cd {folder}\n"
    sys.stdout.write(
        f"{count} files written; the spec is {folder / spec}\n\nnext:\n{where}"
        f"  atkc lint {spec}\n  atkc run {spec}\n"
    )
