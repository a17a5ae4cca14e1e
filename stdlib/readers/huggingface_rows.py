"""The reader `huggingface`: a dataset saved on disk, or one of the Hub."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from atkc.runtime.api import Options
from atkc.runtime.errors import InputError
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.rowtype import BOOLEAN, STRING, Scalar, nullable
from atkc.spec.signature import Option, ReaderSignature
from atkc.stdlib.readers.parquet_rows import checked
from atkc.stdlib.readers.row_files import FIRST, Rows, first

_CACHE_DIR = "a folder to which the set is downloaded whole; null: the usual one, or row by row"

SIGNATURE = ReaderSignature(
    name="huggingface",
    version=1,
    options={
        "path": Option(STRING, description="a folder, or the name of a dataset on the Hub"),
        "name": Option(STRING, "", description="the configuration of the dataset"),
        "split": Option(STRING, "train"),
        "revision": Option(STRING, "", description="commit, tag or branch on the Hub"),
        "online": Option(BOOLEAN, False, description="true: the Hub may be asked"),
        "cache_dir": Option(nullable(Scalar("path")), None, description=_CACHE_DIR),
        "first": FIRST,
    },
    fields=None,
    description="rows of a Hugging Face dataset; without `online` only from disk",
)


_LOCAL = (
    "name a local file instead (`read: jsonl`; in a generic set `file: rows.jsonl`), or let `path` "
    "be a folder written by `save_to_disk`"
)
_YES = ("1", "ON", "YES", "TRUE")
_PATIENCE = 10.0  # seconds for the Hub to answer at all


def read(options: Options) -> Rows:
    """Yield rows as plain data.

    Raises InputError ATK001, at once, where neither the disk nor, if allowed, the Hub has the
    dataset.
    """
    silence = _settle_network(options)
    rows = _load(options, silence)
    return first(checked(islice(rows, options["first"]), options["path"]), options)


def _settle_network(options: Options) -> str | None:
    """Let the libraries use the network or not; return why the Hub that may be asked is not."""
    # Read when the libraries are imported.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import datasets
    import huggingface_hub.constants

    silence = None
    if options["online"] and not _saved(Path(options["path"])):
        forbidden = [n for n in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE") if _is_set(n)]
        silence = f"`{forbidden[0]}` is set" if forbidden else _unreachable()
    offline = silence is not None or not options["online"]
    huggingface_hub.constants.HF_HUB_OFFLINE = offline
    datasets.config.HF_HUB_OFFLINE = offline
    datasets.disable_progress_bars()
    return silence


def _is_set(name: str) -> bool:
    return os.environ.get(name, "").upper() in _YES


@lru_cache(maxsize=1)
def _unreachable() -> str | None:
    """Return why the Hub does not answer, or None; asked once, since its library asks for long."""
    import httpx
    import huggingface_hub.constants
    from huggingface_hub import get_session

    huggingface_hub.constants.HF_HUB_OFFLINE = False
    endpoint = huggingface_hub.constants.ENDPOINT
    try:
        get_session().head(endpoint, timeout=_PATIENCE)
    except (OSError, httpx.HTTPError) as error:
        return f"{endpoint} cannot be reached ({str(error) or type(error).__name__})"
    return None


def _load(options: Options, silence: str | None) -> Any:
    import datasets

    path, split = options["path"], options["split"]
    try:
        if _saved(Path(path)):
            found = datasets.load_from_disk(path)
            return found[split] if isinstance(found, datasets.DatasetDict) else found
        return datasets.load_dataset(
            path,
            options["name"] or None,
            split=split,
            revision=options["revision"] or None,
            streaming=_streams(options) and silence is None,
            cache_dir=options["cache_dir"],
        )
    except KeyError as error:
        raise _absent(options, f"has no split `{split}`") from error
    except (OSError, ValueError) as error:
        if silence is not None:
            raise _absent(options, f"is not on this disk, and {silence}", _LOCAL) from error
        said = str(error).strip().split("\n")[0]
        raise _absent(options, f"cannot be loaded: {said}") from error


def _streams(options: Options) -> bool:
    """Return whether rows are fetched as they are read: where a few are wanted, and no copy."""
    few = options["first"] is not None
    return bool(options["online"]) and few and options["cache_dir"] is None


def _saved(folder: Path) -> bool:
    return (folder / "dataset_info.json").is_file() or (folder / "dataset_dict.json").is_file()


def _absent(options: Options, message: str, hint: str | None = None) -> InputError:
    if hint is None and not options["online"] and not Path(options["path"]).exists():
        hint = f"set `online: true` to let the Hub be asked, or {_LOCAL}"
    hint = hint or "check `path`, `name`, `split` and `revision`"
    return InputError(Diagnostic("ATK001", f"dataset `{options['path']}` {message}", help=hint))
