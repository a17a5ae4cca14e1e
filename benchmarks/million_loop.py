"""The work of million.yaml as somebody would write it for this one job.

python benchmarks/million_loop.py rows.jsonl kept.jsonl
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path


def main(rows: Path, kept: Path) -> None:
    """Write each row whose score is good and whose text was not seen, with its lower case."""
    seen: set[bytes] = set()
    with rows.open(encoding="utf-8") as lines, kept.open("w", encoding="utf-8") as out:
        for line in lines:
            row = json.loads(line)
            row["name"] = row["text"].lower()
            if row["score"] < 10:
                continue
            key = hashlib.sha256(row["name"].encode()).digest()
            if key in seen:
                continue
            seen.add(key)
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
