"""`atkc import augmentoolkit`: a config as parameters, a recipe where one is needed, a report."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from atkc.cli import codes
from atkc.cli.augmentoolkit.kinds import Kind
from atkc.cli.augmentoolkit.report import report, summary, unfilled
from atkc.cli.augmentoolkit.translate import translate
from atkc.cli.augmentoolkit.writing import params_text
from atkc.runtime.errors import UsageError
from atkc.spec.diagnostic import Diagnostic, has_errors
from atkc.spec.places import SCHEME
from atkc.spec.render import as_text
from atkc.spec.source import Source

SPECS = Path(__file__).parent / "augmentoolkit" / "specs"
NAMES = ("params.yaml", "recipe.yaml", "REPORT.md")


def import_config(config: str, output: str | None, root: str, *, force: bool) -> int:
    """Write the files for a config; return 1, having written nothing, where it has errors.

    Raises UsageError for a folder that holds such files already, unless `force` is given.
    """
    folder = Path(output or Path(config).stem)
    done = translate(config, Path(root).absolute(), folder.absolute())
    if done.kind is None or done.draft is None or has_errors(list(done.found)):
        _show(done.found, done.read.source)
        return codes.FINDINGS
    recipe, spec = _recipe(done.kind, folder)
    command = f"atkc run {spec} --params {(folder / 'params.yaml').as_posix()}"
    head = f"# Parameters for {spec}, imported from Augmentoolkit: see REPORT.md.\n"
    files = {
        "params.yaml": params_text(done.draft.params, recipe, head).encode(),
        "REPORT.md": report(done.draft, done.kind, done.read.source, command).encode(),
    }
    if not recipe.startswith(SCHEME):
        files["recipe.yaml"] = Path(recipe).read_bytes()
    _write(folder, files, force=force)
    _show(unfilled(done.draft, done.read.source), done.read.source)
    sys.stdout.write(f"{summary(done.draft)}\n\n")
    sys.stdout.writelines(f"  {(folder / name).as_posix()}\n" for name in sorted(files))
    sys.stdout.writelines(f"\nexport {name}=…" for name in done.draft.variables)
    sys.stdout.write(f"\n{command}\n")
    return codes.COMPLETE


def _recipe(kind: Kind, folder: Path) -> tuple[str, str]:
    """Return the recipe whose parameters are written, and how a user names it."""
    if kind.recipe.startswith(SCHEME):
        return kind.recipe, kind.recipe.removeprefix(SCHEME)
    return str(SPECS / kind.recipe), (folder / "recipe.yaml").as_posix()


def _write(folder: Path, files: dict[str, bytes], *, force: bool) -> None:
    taken = [folder / name for name in NAMES if (folder / name).exists()]
    if taken and not force:
        listed = ", ".join(f"`{name}`" for name in taken)
        raise UsageError(f"{listed} is there already: give `--force`, or another `--output`")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            if name in files:
                (folder / name).write_bytes(files[name])
            else:
                (folder / name).unlink(missing_ok=True)  # of another kind of config
    except OSError as error:
        raise UsageError(f"`{error.filename}` cannot be written: {error.strerror}") from None


def _show(found: Iterable[Diagnostic], source: Source) -> None:
    text = as_text(found, {source.path: source}, color=sys.stderr.isatty())
    sys.stderr.write(text)
