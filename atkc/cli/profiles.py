"""Profiles: parameters for the endpoints that people use, by name or by path; `atkc profiles`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from atkc.cli import codes
from atkc.cli.given import read_mapping
from atkc.compiler.params import Given
from atkc.runtime.errors import InputError
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.places import SHIPPED
from atkc.spec.suggest import hint

FOLDER = SHIPPED / "recipes" / "profiles"
_ABOUT = "profile"  # the key that tells about the profile itself


class Profile(Struct, frozen=True):
    """A preset: values for those of its parameters that a spec declares."""

    word: str  # as the user wrote it
    path: Path
    values: Mapping[str, Any]
    about: str = ""
    key_page: str = ""  # where a key is made

    def given(self, names: Iterable[str]) -> list[Given]:
        """Return the values for the parameters of a spec; others are left out."""
        base = str(self.path.absolute().parent)
        known = set(names)
        origin = f"profile {self.word}"
        return [Given((n,), v, origin, base) for n, v in self.values.items() if n in known]

    def misfit(self, spec: str, names: Iterable[str]) -> Diagnostic | None:
        """Return why a spec cannot use the profile, None if it can.

        It declares none of its parameters, or models without their address: these would be
        asked for elsewhere.
        """
        taken = [n for n in self.values if n in set(names)]
        lost = [n for n in ("api_base", "api_key_env") if self.values.get(n) and n not in taken]
        if lost and any(n in taken for n in ("model", "small_model", "large_model")):
            return Diagnostic(
                "ATK021",
                f"`{spec}` takes a model of the profile `{self.word}`, but not its `{lost[0]}`",
                help=f"declare the parameter `{lost[0]}` in the spec and give it to the endpoint",
            )
        if taken:
            return None
        return Diagnostic(
            "ATK021",
            f"the profile `{self.word}` has no value for any parameter of `{spec}`",
            help=f"declare one in the spec: {', '.join(f'`{n}`' for n in self.values)}",
        )


def shipped() -> tuple[str, ...]:
    """Return the names of the profiles that ship."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def profile_of(word: str) -> Profile:
    """Return a shipped profile by its name, another by the path of its file.

    Raises InputError (ATK020) where there is none, UsageError for a file that is no mapping.
    """
    names = shipped()
    path = FOLDER / f"{word}.yaml" if word in names else Path(word)
    if not path.is_file():
        raise InputError(
            Diagnostic(
                "ATK020",
                f"there is no profile `{word}`",
                help=hint(word, names) or f"name a file, or one of {', '.join(names)}",
            )
        )
    values = read_mapping(str(path), "--profile")
    about = values.pop(_ABOUT, None)
    told = about if isinstance(about, dict) else {}
    return Profile(word, path, values, str(told.get("about", "")), str(told.get("key_page", "")))


def key_page(variable: str) -> str:
    """Return where a key is made that the variable usually holds, empty where not known."""
    for profile in map(profile_of, shipped()):
        if profile.values.get("api_key_env") == variable:
            return profile.key_page
    return ""


def show_profiles() -> int:
    """Print a line per profile: name, address, variable with the key, models."""
    from atkc.runtime.modelspec import route_name

    rows: list[tuple[str, ...]] = [("profile", "address", "key in", "small model", "large model")]
    for profile in map(profile_of, shipped()):
        values = profile.values
        base = str(values["api_base"])
        models = [route_name(str(values[f"{s}_model"]), base) for s in ("small", "large")]
        address = base or f"LiteLLM: {models[0][0]}"
        key = str(values["api_key_env"] or "–")
        rows.append((profile.word, address, key, *(name for _, name in models)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(f"{line.rstrip()}\n")
    return codes.COMPLETE
