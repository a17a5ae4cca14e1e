"""Vectors of the offline model: shared content words make texts near, and nothing else does."""

from __future__ import annotations

import asyncio
import math

import pytest

from atkc.runtime.api import EmbeddingRequest
from atkc.runtime.errors import Permanent
from atkc.stdlib.extractive.embedding import DIMENSIONS, vector_of
from atkc.stdlib.extractive.model import ExtractiveTransport, embed


def cosine(one: str, other: str) -> float:
    pairs = zip(vector_of(one), vector_of(other), strict=True)
    return math.fsum(a * b for a, b in pairs)


def test_vectors_have_length_one_and_are_always_the_same() -> None:
    vector = vector_of("The ferry crosses the strait.")
    assert len(vector) == DIMENSIONS
    assert math.fsum(x * x for x in vector) == pytest.approx(1)
    places = {at: round(x, 6) for at, x in enumerate(vector) if x}
    assert places == {238: -0.57735, 250: -0.57735, 305: -0.57735}


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("The ferry crosses the strait.", "Ferries were crossing a strait", "Apples ripen late"),
        ("The ferry crosses the strait.", "A ferry.", "The of and a."),
        ("東京の港", "東京の駅", "大阪の城"),
        ("boat boat boat hill", "boat", "hill"),
    ],
)
def test_shared_words_make_texts_near(text: str, near: str, far: str) -> None:
    assert cosine(text, near) > cosine(text, far) + 0.1


@pytest.mark.parametrize("text", ["", "?!", "the of and"])
def test_a_text_without_content_words_has_a_vector_of_zeros(text: str) -> None:
    assert set(vector_of(text)) == {0.0}


def test_dimensions_are_as_many_as_asked_for() -> None:
    found = embed(["ferry boat", "x"], 8)
    assert [len(vector) for vector in found.vectors] == [8, 8]
    assert (found.model, found.prompt_tokens) == ("atkc/extractive", 3 + 1)


def test_the_transport_knows_one_model() -> None:
    transport = ExtractiveTransport()
    found = asyncio.run(transport.embed(EmbeddingRequest("extractive", ("a ferry",))))
    assert found == embed(["a ferry"])
    with pytest.raises(Permanent, match="is not `atkc/extractive`"):
        asyncio.run(transport.embed(EmbeddingRequest("other", ("a",))))
