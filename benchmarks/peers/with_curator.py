"""The work with Bespoke Curator: two LLM classes in a row, its own client for OpenAI's protocol."""

from __future__ import annotations

from typing import Any

from bespokelabs import curator
from work import ANSWER, ASK, CONCURRENCY, KEY, MODEL, TEMPERATURE, filled, given, reply


class _Ask(curator.LLM):
    def prompt(self, row: dict[str, Any]) -> str:
        return filled(ASK, row)

    def parse(self, row: dict[str, Any], response: str) -> dict[str, Any]:
        return {**row, "question": reply(response)}


class _Answer(curator.LLM):
    def prompt(self, row: dict[str, Any]) -> str:
        return filled(ANSWER, row)

    def parse(self, row: dict[str, Any], response: str) -> dict[str, Any]:
        return {**row, "answer": reply(response)}


def main() -> None:
    work = given()
    backend = {
        "base_url": work.api_base,
        "api_key": KEY,
        "max_concurrent_requests": CONCURRENCY,
        "max_requests_per_minute": 10_000_000,
        "max_tokens_per_minute": 10_000_000_000,
    }
    rows: Any = work.records
    for step in (_Ask, _Answer):
        llm = step(
            model_name=MODEL,
            backend="openai",
            backend_params=backend,
            generation_params={"temperature": TEMPERATURE},
        )
        rows = llm(rows).dataset
    work.write(rows)


if __name__ == "__main__":
    main()
