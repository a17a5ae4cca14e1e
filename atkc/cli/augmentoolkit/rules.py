"""What can become of a value: a rule sets parameters and says what it did."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from atkc.cli.augmentoolkit.draft import Draft, Fate
from atkc.cli.augmentoolkit.leaves import Leaf
from atkc.cli.augmentoolkit.prompts import with_holes
from atkc.cli.augmentoolkit.templates import NotCarried, chat_template, turn_template

Rule = Callable[[Leaf, Draft], Fate]
Table = Mapping[str, Rule]
UNFILLED = "to be filled in: a mark stands here"
IGNORED = "the original ignored it; here it counts"


def keep(to: str = "", *, why: str = "", required: bool = False, nullable: bool = False) -> Rule:
    """Carry the value as it is; with `why` it means something else here.

    Unfilled it is left out, or null if required; null is left out unless it means something.
    """

    def rule(leaf: Leaf, draft: Draft) -> Fate:
        place = _filled_in(to, leaf)
        if leaf.unfilled:
            return unfilled(draft, place, required=required)
        if leaf.value is None and not nullable and not required:
            return Fate("not carried", "", f"it is null: the default of `{place}` counts")
        draft.put(place, leaf.value)
        return Fate("changed" if why else "carried", place, why)

    return rule


def unfilled(draft: Draft, place: str, *, required: bool = False) -> Fate:
    """Settle a value that is a mark: nothing counts in its place, or a null that no run takes."""
    if not required:
        return Fate("not carried", place, f"{UNFILLED}; until then the default of `{place}` counts")
    draft.put(place, None)
    return Fate("not carried", place, f"{UNFILLED}; no run begins before `{place}` has a value")


def chosen(to: str, values: Mapping[Any, Any], why: str) -> Rule:
    """Carry a value by a table; one that it does not know is not carried."""

    def rule(leaf: Leaf, draft: Draft) -> Fate:
        if leaf.unfilled:
            return unfilled(draft, to)
        if not isinstance(leaf.value, str | bool) or leaf.value not in values:
            return Fate("not carried", "", f"`{leaf.value}` has no meaning here")
        draft.put(to, values[leaf.value])
        return Fate("changed", to, why)

    return rule


def negated(to: str, more: str = "") -> Rule:
    """Carry a boolean to a parameter that says the opposite."""
    why = "the parameter says the opposite"
    return chosen(to, {True: False, False: True}, f"{why}; {more}" if more else why)


def path(to: str = "", *, required: bool = False) -> Rule:
    """Carry a path: relative to the config's root there, to params.yaml here."""

    def rule(leaf: Leaf, draft: Draft) -> Fate:
        place = _filled_in(to, leaf)
        if leaf.unfilled:
            return unfilled(draft, place, required=required)
        if not isinstance(leaf.value, str) or not leaf.value:
            return Fate("not carried", "", f"`{leaf.value}` is no path")
        near = moved(leaf.value, draft)
        draft.put(place, near)
        if near == leaf.value:
            return Fate("carried", place)
        return Fate("changed", place, f"`{near}`: relative to the file of parameters")

    return rule


def moved(text: str, draft: Draft) -> str:
    """Return a path of the config as it is written in params.yaml."""
    if Path(text).is_absolute():
        return text
    whole = Path(os.path.normpath(draft.config.root / text))
    return Path(os.path.relpath(whole, draft.config.target)).as_posix()


def prompt(to: str = "", *names: str) -> Rule:
    """Carry a text, or a list of texts, whose `{name}` becomes `{{ name }}`."""

    def rule(leaf: Leaf, draft: Draft) -> Fate:
        place = _filled_in(to, leaf)
        if leaf.unfilled:
            return unfilled(draft, place)
        texts = leaf.value if isinstance(leaf.value, list) else [leaf.value]
        made = [with_holes(text, names) if isinstance(text, str) else text for text in texts]
        draft.put(place, made if isinstance(leaf.value, list) else made[0])
        if made == texts:
            return Fate("carried", place)
        held = [name for name in names if any(f"{{{name}}}" in str(text) for text in texts)]
        shown = ", ".join(f"`{{{name}}}` is written `{{{{ {name} }}}}`" for name in held)
        if held and draft.config.named("dataset_context") is None:
            shown += "; give the parameter `dataset_context`, which the config does not"
        return Fate("changed", place, shown or "braces that a template would read are escaped")

    return rule


def template(to: str = "", *, bos: str = "") -> Rule:
    """Carry a chat template by name or as text, if it provably renders the same."""

    def rule(leaf: Leaf, draft: Draft) -> Fate:
        place = _filled_in(to, leaf)
        if leaf.unfilled:
            return unfilled(draft, place)
        kwargs = draft.config.all("template_kwargs.*")
        try:
            made, why = chat_template(leaf.value, _gathered(kwargs), bos)
        except NotCarried as error:
            return Fate("not carried", "", str(error))
        draft.put(place, made)
        return Fate("changed" if why else "carried", place, why)

    return rule


def turn_format(variable: str) -> Rule:
    """Carry the template of one turn, if ours can read it."""

    def rule(leaf: Leaf, draft: Draft) -> Fate:
        if leaf.unfilled:
            return unfilled(draft, leaf.name)
        try:
            draft.put(leaf.name, turn_template(leaf.value, variable))
        except NotCarried as error:
            return Fate("not carried", "", str(error))
        return Fate("carried", leaf.name)

    return rule


def drop(why: str) -> Rule:
    """Do not carry the value."""
    return lambda _leaf, _draft: Fate("not carried", "", why)


def exported(variable: str, why: str) -> Rule:
    """Do not carry a secret that another tool reads from the environment."""
    return drop(f"a secret: {why} `{variable}`")


def inside(to: str) -> Rule:
    """Carry what stands below a key whose inside belongs to others."""

    def rule(leaf: Leaf, draft: Draft) -> Fate:
        from atkc.cli.augmentoolkit.secret import is_secret

        rest = [str(part) for part in leaf.nested[1:]]
        place = "/".join([to, *rest])
        if any(is_secret(part) for part in rest):
            return Fate("not carried", "", "a secret: it is never written down")
        if leaf.unfilled:
            return unfilled(draft, place)
        at = draft.params.setdefault(to, {})
        for part in rest[:-1]:
            at = at.setdefault(part, {})
        if rest:
            at[rest[-1]] = leaf.value
        return Fate("carried", place)

    return rule


def _gathered(leaves: Iterable[Leaf]) -> dict[str, Any]:
    """Return what stands below one key as it is nested there."""
    whole: dict[str, Any] = {}
    for leaf in leaves:
        *way, last = (str(part) for part in leaf.nested[1:])
        at = whole
        for part in way:
            at = at.setdefault(part, {})
        at[last] = leaf.value
    return whole


def _filled_in(to: str, leaf: Leaf) -> str:
    """Return the place of a parameter; `#` in it is the number of the list item."""
    number = next((str(part) for part in leaf.nested if isinstance(part, int)), "")
    return (to or str(leaf.place[-1])).replace("#", number)
