"""From a config to parameters: tables first, then groups; the rest are no keys of the original."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from atkc.cli.augmentoolkit.draft import Draft, Fate
from atkc.cli.augmentoolkit.kinds import KINDS, Kind, kind_of, other
from atkc.cli.augmentoolkit.leaves import Config, Leaf, leaves_of, twice
from atkc.cli.augmentoolkit.reading import Read, read_config
from atkc.cli.augmentoolkit.secret import is_secret
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.suggest import hint


class Translation(Struct, frozen=True):
    """A config translated; `kind` and `draft` are None beside an error."""

    read: Read
    found: tuple[Diagnostic, ...]
    kind: Kind | None = None
    draft: Draft | None = None


def translate(file: str, root: Path, target: Path) -> Translation:
    """Return what becomes of a config, whose paths belong to `root`, in the folder `target`."""
    read = read_config(file)
    if read.root is None:
        return Translation(read, read.found)
    leaves = leaves_of(read.root)
    kind = kind_of(leaves)
    if kind is None:
        return Translation(read, (_no_kind(file, leaves),))
    found = tuple(twice(leaves))
    if found:
        return Translation(read, found)
    draft = Draft(Config(file, leaves, root, target))
    _settle(kind, draft)
    return Translation(read, tuple(draft.found), kind, draft)


def _settle(kind: Kind, draft: Draft) -> None:
    rules = kind.rules()
    groups = {"prompts"} if kind.name.startswith("recall") else set()
    for leaf in draft.config.leaves:
        rule = rules.get(leaf.name)
        if rule is not None and leaf.name not in groups:
            draft.settle(leaf, rule(leaf, draft))
    kind.settle(draft)
    for leaf in draft.config.leaves:
        if leaf.path not in draft.fates:
            draft.settle(leaf, _unknown(leaf, rules))
    for name in kind.required:
        draft.params.setdefault(name, None)


def _unknown(leaf: Leaf, rules: object) -> Fate:
    if is_secret(str(leaf.place[-1])):
        return Fate("not carried", "", "a secret: it is never written down")
    names = [name for name in rules if isinstance(name, str)] if isinstance(rules, dict) else []
    near = hint(leaf.name, names)
    why = "no key of this pipeline: the original ignores it too"
    return Fate("not carried", "", f"{why} ({near})" if near else why)


def _no_kind(file: str, leaves: tuple[Leaf, ...]) -> Diagnostic:
    known = "; ".join(kind.says for kind in KINDS)
    what = other(leaves)
    said = f"`{file}` is for {what}" if what else f"`{file}` is for no pipeline that is known here"
    span = next((leaf.span for leaf in leaves if leaf.name == "pipeline"), None)
    return Diagnostic("ATK040", said, span, help=f"these configs can be imported: {known}")
