"""The reader `inline`: rows that stand in the spec itself."""

from __future__ import annotations

from atkc.runtime.api import Options
from atkc.spec.rowtype import ANY, ListOf, MapOf
from atkc.spec.signature import Option, ReaderSignature
from atkc.stdlib.readers.parquet_rows import checked
from atkc.stdlib.readers.row_files import FIRST, Rows, first

SIGNATURE = ReaderSignature(
    name="inline",
    version=1,
    options={"rows": Option(ListOf(MapOf(ANY)), description="the rows"), "first": FIRST},
    fields=None,
    description="rows written in the spec",
)


def read(options: Options) -> Rows:
    """Yield copies of the rows."""
    return first(checked(options["rows"], "inline"), options)
