"""Files that belong together, as a dataset card lists them for `datasets.load_dataset`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct

from atkc.runtime.api import Data
from atkc.stdlib.exporters.places import is_held_out, relative

_PART = re.compile(r"[_-][^_-]*\Z")


class Group(Struct, frozen=True):
    """Files with the same columns that are loaded under one name."""

    name: str
    files: tuple[Data, ...]

    def entry(self, own: str) -> dict[str, Any]:
        """Return the group as an entry of `configs` in a card at the path `own`."""
        paths = [relative(file["path"], own) for file in self.files]
        split = "test" if is_held_out(self.name) else "train"
        path = paths[0] if len(paths) == 1 else paths
        return {"config_name": self.name, "data_files": [{"split": split, "path": path}]}


def groups_of(files: Sequence[Data]) -> list[Group]:
    """Return the groups in the order of their first files.

    Files of one folder, one role and the same columns whose names differ in their last part are
    one group. A file that holds as many records as the others together is taken for their union
    and stays alone, so that a group holds each record once.
    """
    found: dict[tuple[Any, ...], list[Data]] = {}
    for file in files:
        found.setdefault(_key(file), []).append(file)
    out: list[Group] = []
    for alike in found.values():
        unions = [file for file in alike if _is_union(file, alike)]
        parts = [file for file in alike if file not in unions]
        if len(parts) > 1:
            out.append(Group(_name(_PART.sub("", _bare(parts[0]["path"]))), tuple(parts)))
        out += [
            Group(_name(_bare(f["path"])), (f,)) for f in alike if f in unions or len(parts) == 1
        ]
    return out


def _key(file: Data) -> tuple[Any, ...]:
    columns = tuple(file.get("columns") or ())
    return (
        _PART.sub("", _bare(file["path"])),
        PurePosixPath(file["path"]).suffix,
        file["role"],
        columns,
    )


def _is_union(file: Data, alike: list[Data]) -> bool:
    rest = sum(other["records"] for other in alike) - file["records"]
    return len(alike) > 2 and file["records"] == rest


def _bare(path: str) -> str:
    return PurePosixPath(path).with_suffix("").as_posix()


def _name(path: str) -> str:
    """Return a name without the characters that are not allowed in one."""
    return re.sub(r"[^\w.-]+", "-", path.replace("/", "--"))
