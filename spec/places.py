"""Where files are: the scheme `atkc:` for shipped data, the project around a spec, containment."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

SCHEME = "atkc:"
SHIPPED = Path(__file__).parent.parent  # the installed package: examples/ and recipes/ lie in it
_SHIPPED_ROOMS = ("recipes", "examples")
_PROJECT_MARKS = (".git", "pyproject.toml", "atkc.toml")


class Resolved(str):
    """A path that has been resolved against the file in which it was written."""

    __slots__ = ()


def real(path: str) -> Path:
    """Return the path in the file system of a resolved path, `atkc:` ones included."""
    if path.startswith(SCHEME):
        return SHIPPED / path.removeprefix(SCHEME)
    return Path(path)


def folder_of(path: str) -> str:
    """Return the folder of a resolved file path, in the same notation."""
    if path.startswith(SCHEME):
        return SCHEME + str(PurePosixPath(path.removeprefix(SCHEME)).parent)
    return str(Path(path).parent)


def canonical(path: str | Path) -> str:
    """Return the resolved notation of a path: `atkc:` where it is shipped data."""
    text = str(path)
    if text.startswith(SCHEME):
        return text
    whole = Path(text).absolute()
    for room in _SHIPPED_ROOMS:
        home = SHIPPED / room
        for root in (home, home.resolve()):
            if whole.is_relative_to(root):
                return f"{SCHEME}{room}/{whole.relative_to(root).as_posix()}".rstrip("/.")
    return _normal(whole)


def _normal(path: Path) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if len(parts) > 1:
                parts.pop()
        else:
            parts.append(part)
    return Path(*parts).as_posix()


def resolve(text: str, folder: str) -> Resolved:
    """Return `text` resolved against a folder; absolute and `atkc:` paths stay."""
    if isinstance(text, Resolved):
        return text
    if text.startswith(SCHEME):
        return Resolved(SCHEME + _inside(text.removeprefix(SCHEME)))
    if Path(text).is_absolute():
        return Resolved(_normal(Path(text)))
    if folder.startswith(SCHEME):
        return Resolved(SCHEME + _inside(f"{folder.removeprefix(SCHEME)}/{text}"))
    return Resolved(_normal(Path(folder).absolute() / text))


def _inside(text: str) -> str:
    """Return a shipped path without `.` and `..`; a path that leaves the package keeps a `..`."""
    parts: list[str] = []
    for part in PurePosixPath(text).parts:
        if part == "..":
            if not parts or parts[-1] == "..":
                parts.append(part)
            else:
                parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def project_of(spec: str) -> str:
    """Return the folder that a spec's paths may not leave.

    It is the nearest folder above with `.git`, `pyproject.toml` or `atkc.toml`, else the spec's
    own; for shipped recipes it is the package.
    """
    if spec.startswith(SCHEME):
        return SCHEME
    own = Path(spec).absolute().parent
    for folder in (own, *own.parents):
        if any((folder / mark).exists() for mark in _PROJECT_MARKS):
            return folder.as_posix()
    return own.as_posix()


def contains(project: str, path: str) -> bool:
    """Return whether a resolved path lies inside a project, links followed. Shipped data always."""
    if path.startswith(SCHEME):
        rooms = PurePosixPath(path.removeprefix(SCHEME)).parts
        return bool(rooms) and rooms[0] in _SHIPPED_ROOMS
    if project == SCHEME:
        return False
    return Path(path).resolve().is_relative_to(Path(project).resolve())
