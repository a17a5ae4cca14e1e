"""Counts tokens with vocabularies that need no network."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from binascii import a2b_base64
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atkc.runtime.errors import UsageError
from atkc.spec.suggest import hint

if TYPE_CHECKING:
    import tiktoken

# Name in a spec -> name of tiktoken's vocabulary.
VOCABULARIES = {"cl100k": "cl100k_base", "o200k": "o200k_base", "p50k": "p50k_base"}
CHARS4 = "chars4"  # a quarter of the characters, rounded up: for when no vocabulary is wanted
TOKENIZERS = (*VOCABULARIES, CHARS4)
_BLOCK = 100_000
_LONG_RUN = re.compile(rf"\s{{{_BLOCK}}}")


def count(text: str, tokenizer: str = "cl100k") -> int:
    """Return the number of tokens; the names of special tokens in a text count as plain text."""
    if tokenizer == CHARS4:
        return -(-len(text) // 4)
    if len(text) < _BLOCK:
        return len(encoding(tokenizer).encode_ordinary(text))
    return sum(len(encoding(tokenizer).encode_ordinary(block)) for block in _blocks(text))


class Counted:
    """Counts stretches of one text; a stretch that was counted is not counted again."""

    def __init__(self, text: str, tokenizer: str) -> None:
        self.text = text
        self.tokenizer = tokenizer
        self._known: dict[tuple[int, int], int] = {}

    def __call__(self, start: int, end: int) -> int:
        """Return the number of tokens of text[start:end]."""
        known = self._known.get((start, end))
        if known is None:
            known = self._known[start, end] = count(self.text[start:end], self.tokenizer)
        return known


def fit(text: str, limit: int, tokenizer: str = "cl100k") -> int:
    """Return how many leading characters make at most `limit` tokens; at least 1 of a text."""
    if tokenizer == CHARS4:
        return min(len(text), max(4 * limit, 1))
    window = text[: 16 * limit + 64]
    tokens = [t for b in _blocks(window) for t in encoding(tokenizer).encode_ordinary(b)]
    if len(tokens) <= limit:
        return len(window)
    head = encoding(tokenizer).decode_bytes(tokens[:limit]).decode("utf-8", errors="ignore")
    size = len(head)
    while size > 1 and count(text[:size], tokenizer) > limit:
        size -= 1
    return max(size, 1)


def check(tokenizer: str) -> None:
    """Raise UsageError where no tokenizer is called so."""
    if tokenizer not in TOKENIZERS:
        near = hint(tokenizer, TOKENIZERS) or f"use one of {', '.join(TOKENIZERS)}"
        raise UsageError(f"no tokenizer is called `{tokenizer}`; {near}")


@lru_cache(maxsize=4)
def encoding(tokenizer: str) -> tiktoken.Encoding:
    """Return the vocabulary of that name, read from the files that LiteLLM's wheel carries."""
    check(tokenizer)
    folder = _vocabulary_folder()
    if folder is not None:
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder))
    import tiktoken

    openai_public: Any = importlib.import_module("tiktoken_ext.openai_public")  # has no types
    # tiktoken's own reader takes longer, and an `Encoding` never looks at its ranks
    # again once its core is made of them: emptied, they give 15 MB back.
    openai_public.load_tiktoken_bpe = _ranks
    parts = openai_public.ENCODING_CONSTRUCTORS[VOCABULARIES[tokenizer]]()
    made = tiktoken.Encoding(**parts)
    parts["mergeable_ranks"].clear()
    return made


def _ranks(path: str, expected_hash: str | None = None) -> dict[bytes, int]:
    """Return the tokens of a vocabulary and their ranks; raises ValueError for another's file."""
    from tiktoken.load import read_file_cached

    words = read_file_cached(path, expected_hash).split()
    return dict(zip(map(a2b_base64, words[::2]), map(int, words[1::2]), strict=True))


def _blocks(text: str) -> list[str]:
    # A million spaces overflow the stack of tiktoken's pattern and panic; texts without such
    # runs stay whole, so that their counts are exact.
    if len(text) < _BLOCK or not _LONG_RUN.search(text):
        return [text]
    return [text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK)]


def _vocabulary_folder() -> Path | None:
    # `find_spec` finds the package without importing it, which would take seconds.
    spec = importlib.util.find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "litellm_core_utils" / "tokenizers"
    return folder if folder.is_dir() else None
