"""Tokens are counted offline, by name, and any text can be counted."""

from __future__ import annotations

import pytest

from atkc.runtime.errors import UsageError
from atkc.stdlib.tokens import TOKENIZERS, count, fit


@pytest.mark.parametrize(
    ("text", "tokenizer", "tokens"),
    [
        ("", "cl100k", 0),
        ("The harbour opened in 1887.", "cl100k", 7),
        ("The harbour opened in 1887.", "o200k", 7),
        ("The harbour opened in 1887.", "p50k", 7),
        ("The harbour opened in 1887.", "chars4", 7),
        ("abcde", "chars4", 2),
    ],
)
def test_known_counts(text: str, tokenizer: str, tokens: int) -> None:
    assert count(text, tokenizer) in range(tokens - 1, tokens + 2)
    assert count(text, tokenizer) == count(text, tokenizer)


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize(
    "text", ["<|endoftext|>", "<|im_start|>user", "a\ud800b", "x" * 10_000, "\t " * 500_000 + "y"]
)
def test_any_text_can_be_counted(text: str, tokenizer: str) -> None:
    assert count(text, tokenizer) > 0


def test_unknown_name_is_refused_with_a_hint() -> None:
    with pytest.raises(UsageError, match="cl100k"):
        count("x", "cl10k")


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("text", ["word " * 200, "汉字" * 300, "🎈" * 50, "   \n" * 90, "á" * 99])
def test_fit_gives_the_head_that_holds(text: str, tokenizer: str) -> None:
    size = fit(text, 20, tokenizer)
    assert 0 < size <= len(text)
    assert count(text[:size], tokenizer) <= 20


def test_fit_of_a_short_text_is_all_of_it() -> None:
    assert fit("two words", 20) == 9
