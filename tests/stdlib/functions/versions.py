"""The committed table of what has a version: `python -m tests.stdlib.functions.versions --renew`.

A version is part of the key of stored results, so it must change whenever results do. The table
says which source belongs to which version. Where the source has changed and its results cannot
have, for any input, name it: `--renew --same-results NAME`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from atkc.runtime import flat_prompt, modelspec
from atkc.stdlib.functions import FUNCTIONS
from tests.stdlib.functions.slices import Spot, fingerprint

TABLE = Path(__file__).with_name("versions.json")
Entry = dict[str, str]  # version, sha256
FLAT, MODEL = "mode: completion", "atkc/extractive"  # what has a version besides functions
CONTEXT = ("atkc.runtime.api", "Context")  # what functions are handed
RAISE = {
    FLAT: "`FORM` in runtime/flat_prompt.py",
    MODEL: "`BUILT_IN_REVISION` in runtime/modelspec.py",
}


def found() -> dict[str, Entry]:
    """Return the version and the hash of the source of all that has a version."""
    out = {
        name: _entry(signature.version, (apply.__module__, "apply"), CONTEXT)
        for name, (signature, apply) in FUNCTIONS.items()
    }
    flat = "atkc.runtime.flat_prompt"
    out[FLAT] = _entry(flat_prompt.FORM, (flat, "flat"), (flat, "with_stop"))
    model = "atkc.stdlib.extractive.model"
    out[MODEL] = _entry(modelspec.BUILT_IN_REVISION, (model, "ExtractiveTransport"))
    return out


def known() -> dict[str, Entry]:
    """Return the committed table."""
    table: dict[str, Entry] = json.loads(TABLE.read_text("utf-8"))
    return table


def mistakes(table: Mapping[str, Entry], now: Mapping[str, Entry]) -> dict[str, str]:
    """Return, by name, what is wrong and what to do."""
    told = {
        name: _mistake(name, table.get(name, {}), now.get(name, {}))
        for name in sorted({*table, *now})
    }
    return {name: text for name, text in told.items() if text}


def _mistake(name: str, old: Entry, new: Entry) -> str:
    renew = "python -m tests.stdlib.functions.versions --renew"
    if old == new:
        return ""
    if old and new and old["version"] == new["version"]:
        where = RAISE.get(name, "`version` in its signature")
        return (
            f"the source of `{name}` has changed and its version has not: results of the old "
            f"source would be served from caches. Raise {where}, then run `{renew}`. "
            f"If no result can differ, for any input: `{renew} --same-results '{name}'`"
        )
    return f"the table does not know `{name}` as it is now: run `{renew}`"


def _entry(version: object, *roots: Spot) -> Entry:
    return {"version": str(version), "sha256": fingerprint(*roots)}


def main(words: list[str]) -> int:
    """Write the table anew; return 1 if something changed without a new version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("--same-results", action="append", default=[], metavar="NAME")
    given = parser.parse_args(words)
    table, now = known() if TABLE.exists() else {}, found()
    wrong = mistakes(table, now)
    same = [n for n in wrong if n in now and table.get(n, {}).get("version") == now[n]["version"]]
    left = {name: wrong[name] for name in same if name not in given.same_results}
    for text in (left if given.renew else wrong).values():
        sys.stderr.write(f"{text}\n")
    if given.renew:
        kept = {name: table[name] if name in left else entry for name, entry in now.items()}
        TABLE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    return int(bool(left if given.renew else wrong))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
