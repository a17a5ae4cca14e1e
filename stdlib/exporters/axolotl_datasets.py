"""How each written file is listed in a training config."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from atkc.runtime.api import Data
from atkc.runtime.errors import InputError
from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.exporters.places import relative

_LOADERS = {".parquet": "parquet", ".csv": "csv"}  # all else is JSON
_COMPLETION = {"type": "completion", "field": "text"}
_ROLES = {"system": ["system"], "user": ["human", "user"], "assistant": ["gpt", "assistant"]}
_SHAREGPT = {
    "type": "chat_template",
    "field_messages": "conversations",
    "message_property_mappings": {"role": "from", "content": "value"},
    "roles": _ROLES,
}
_CHAT = {
    "type": "chat_template",
    "field_messages": "messages",
    "message_property_mappings": {"role": "role", "content": "content"},
}
BY_ROLE: dict[str, dict[str, Any]] = {
    "alpaca": {"type": "alpaca"},
    "chat": _CHAT,
    "completion": _COMPLETION,
    "segments": {"type": "input_output"},
    "sharegpt": _SHAREGPT,
}
# For files of plain data: the first of these whose columns are all there.
_BY_COLUMNS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"segments"}), "segments"),
    (frozenset({"text"}), "completion"),
    (frozenset({"messages"}), "chat"),
    (frozenset({"conversations"}), "sharegpt"),
    (frozenset({"instruction", "input", "output"}), "alpaca"),
)
# Every key that an entry can hold.
_OF_TYPES = (key for entry in BY_ROLE.values() for key in entry)
ENTRY_KEYS = tuple(dict.fromkeys(("path", "ds_type", "split", *_OF_TYPES)))
NOT_DATA = frozenset({"config", "card", "failed", "provenance"})


def datasets_of(files: Iterable[Data], own: str) -> list[dict[str, Any]]:
    """Return the entries, with paths from the config's folder.

    Raises InputError ATK420 for a file without a field that can be trained on.
    """
    return [_entry(file, own) for file in files]


def tests_of(files: Iterable[Data], own: str) -> list[dict[str, Any]]:
    """Return the entries of files for evaluation; a local file has one split, called `train`."""
    return [{**entry, "split": "train"} for entry in datasets_of(files, own)]


def _entry(file: Data, own: str) -> dict[str, Any]:
    loader = _LOADERS.get(PurePosixPath(file["path"]).suffix, "json")
    return {"path": relative(file["path"], own), "ds_type": loader, **BY_ROLE[_role(file)]}


def _role(file: Data) -> str:
    role = role_of_file(file)
    if role is None:
        shown = ", ".join(file.get("columns") or ()) or "none"
        message = f"`{file['path']}` has no column to train on; its columns are {shown}"
        hint = "name a column `text`, `messages`, `conversations` or `segments`"
        raise InputError(Diagnostic("ATK420", message, help=hint))
    return role


def role_of_file(file: Mapping[str, Any]) -> str | None:
    """Return as what a file can be trained on, by its role or else by its columns; or None."""
    if file["role"] in BY_ROLE:
        return str(file["role"])
    columns = set(file.get("columns") or ())
    return next((role for names, role in _BY_COLUMNS if names <= columns), None)
