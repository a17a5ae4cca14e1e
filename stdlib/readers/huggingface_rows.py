"""The reader `huggingface`: a dataset saved on disk, or one of the Hub."""

from __future__ import annotations

import os
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


def read(options: Options) -> Rows:
    """Yield rows as plain data.

    Raises InputError ATK001 where neither the disk nor, if allowed, the Hub has the dataset.
    """
    _settle_network(options["online"])
    rows = _load(options)
    return first(checked(islice(rows, options["first"]), options["path"]), options)


def _settle_network(online: bool) -> None:
    # The libraries read these once, when they are imported.
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "0" if online else "1"
    import datasets
    import huggingface_hub.constants

    huggingface_hub.constants.HF_HUB_OFFLINE = not online
    datasets.config.HF_HUB_OFFLINE = not online
    datasets.disable_progress_bars()


def _load(options: Options) -> Any:
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
            streaming=_streams(options),
            cache_dir=options["cache_dir"],
        )
    except KeyError as error:
        raise _absent(options, f"has no split `{split}`") from error
    except (OSError, ValueError) as error:
        said = str(error).strip().split("\n")[0]
        raise _absent(options, f"cannot be loaded: {said}") from error


def _streams(options: Options) -> bool:
    """Return whether rows are fetched as they are read: where a few are wanted, and no copy."""
    few = options["first"] is not None
    return bool(options["online"]) and few and options["cache_dir"] is None


def _saved(folder: Path) -> bool:
    return (folder / "dataset_info.json").is_file() or (folder / "dataset_dict.json").is_file()


def _absent(options: Options, message: str) -> InputError:
    hint = "check `path`, `name`, `split` and `revision`"
    if not options["online"] and not Path(options["path"]).exists():
        hint = "set `online: true` to let the Hub be asked, or download the dataset first"
    return InputError(Diagnostic("ATK001", f"dataset `{options['path']}` {message}", help=hint))
