"""The versions of Python and of the packages that atkc asks for."""

from __future__ import annotations

import platform
import tomllib
from collections.abc import Iterator
from importlib import metadata

from atkc import __version__
from atkc.cli.doctor.case import Case
from atkc.cli.doctor.finding import Finding, ok, warning
from atkc.spec.places import SHIPPED

_FIX = "install with `pip install -c constraints.txt .`"


async def check(_case: Case) -> list[Finding]:
    """Tell versions, and each package that is missing or outside of its bounds."""
    python = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    wanted = _wanted()
    wrong = list(misfits(wanted))
    if wrong:
        return [warning(f"{python}; {', '.join(wrong)}", _FIX)]
    return [ok(f"atkc {__version__}, {python}, {len(wanted)} packages as wanted")]


def _wanted() -> list[str]:
    """Return the requirements of the installed package; of a checkout those it is built with."""
    try:
        return metadata.requires("atkc") or []
    except metadata.PackageNotFoundError:
        text = (SHIPPED.parent / "pyproject.toml").read_text(encoding="utf-8")
        return list(tomllib.loads(text)["project"]["dependencies"])


def misfits(wanted: list[str]) -> Iterator[str]:
    """Yield a phrase for each requirement that what is installed does not meet."""
    from packaging.requirements import Requirement

    for text in wanted:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield f"{requirement.name} is not installed"
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            yield f"{requirement.name} is {version}, wanted is {requirement.specifier}"
