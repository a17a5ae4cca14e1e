"""Opens ZIP-based documents without trusting what they unpack to."""

from __future__ import annotations

import io
import zipfile

from atkc.runtime.errors import RecordError
from atkc.stdlib.readers.foreign import foreign
from atkc.stdlib.readers.settings import UNPACKED, Settings

_MEMBERS = 20_000


def open_archive(data: bytes, what: str, settings: Settings) -> zipfile.ZipFile:
    """Return the archive; RecordError `too-large` if its members unpack to more than allowed."""
    with foreign(what):
        archive = zipfile.ZipFile(io.BytesIO(data))
    members = archive.infolist()
    # Reading stops at the size a member declares, so the sum of these bounds what can come out.
    if len(members) > _MEMBERS or sum(m.file_size for m in members) > (
        settings.max_bytes * UNPACKED
    ):
        raise RecordError("too-large", "unpacks to more than `max_bytes` allows")
    return archive
