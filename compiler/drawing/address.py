"""Addresses of nodes (`recall/harbour.asked/openended/0.ask`) taken apart: modules and steps."""

from __future__ import annotations

import re

_STEP = re.compile(r"\.(?=[A-Za-z_])")  # a step's name begins with a letter; `v1.2` is one label
_UNLABELLED = ".unlabelled"  # the node of a step whose `label:` is a second node


def names_of(address: str) -> tuple[str, ...]:
    """Return the parts with their labels: `recall/harbour`, `asked/openended/0`, `ask`."""
    return tuple(_STEP.split(address.removesuffix(_UNLABELLED)))


def path_of(address: str, kind: str, *, expanded: bool) -> tuple[str, ...]:
    """Return the modules around a step and the step; without labels unless `expanded`."""
    if kind == "output":
        return (address,)
    parts = names_of(address)
    return parts if expanded else tuple(part.partition("/")[0] for part in parts)


def cluster_name(path: tuple[str, ...], *, expanded: bool) -> str:
    """Return the title of a module: its step, with the labels of the instance if `expanded`."""
    name, _, labels = path[-1].partition("/")
    return f"{name} · {labels}" if expanded and labels else name
