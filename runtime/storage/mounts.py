"""What file system a folder lies on; SQLite's write-ahead log needs a local one."""

from __future__ import annotations

import re
from pathlib import Path

_NETWORK = (
    *("9p", "afs", "beegfs", "ceph", "cifs", "fuse.gcsfuse", "fuse.rclone", "fuse.s3fs"),
    *("fuse.sshfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"),
)
_MOUNTS = Path("/proc/mounts")


def network_file_system(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """Return the kind of network file system a folder lies on; None if local or not to be known."""
    kind = _kind(folder.resolve(), mounts)
    return kind if kind in _NETWORK else None


def _kind(folder: Path, mounts: Path) -> str | None:
    best, found = -1, None
    for place, kind in _read(mounts):
        if folder.is_relative_to(place) and len(place.parts) >= best:
            best, found = len(place.parts), kind
    return found


def _read(mounts: Path) -> list[tuple[Path, str]]:
    """Return (mount point, type) of each line; nothing where the system keeps no such file."""
    if not mounts.exists():
        return []
    lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    rows = [line.split(" ") for line in lines]
    return [(Path(_unescaped(row[1])), row[2]) for row in rows if len(row) > 2]


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
