"""The work with distilabel: a generator and two tasks, each a process, OpenAI's client."""

from __future__ import annotations

from typing import Any

from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import TextGeneration
from work import ANSWER, ASK, CONCURRENCY, KEY, MODEL, TEMPERATURE, given, jinja, reply


class Replied(TextGeneration):
    """A text generation whose completion is JSON."""

    def format_output(self, output: str | None, input: Any = None) -> dict[str, Any]:  # noqa: A002
        """Return the field `reply`, or nothing where there is no completion."""
        text = super().format_output(output, input)["generation"]
        return {"generation": None if text is None else reply(text)}


def main() -> None:
    work = given()
    with Pipeline(name="two-steps") as pipeline:
        step: Any = LoadDataFromDicts(data=work.records, batch_size=CONCURRENCY)
        for template, columns, made in (
            (ASK, ["text"], "question"),
            (ANSWER, ["text", "question"], "answer"),
        ):
            llm = OpenAILLM(
                model=MODEL,
                base_url=work.api_base,
                api_key=KEY,
                generation_kwargs={"temperature": TEMPERATURE},
            )
            task = Replied(
                name=made,
                llm=llm,
                template=jinja(template),
                columns=columns,
                input_batch_size=CONCURRENCY,
                output_mappings={"generation": made},
                add_raw_output=False,
                add_raw_input=False,
            )
            step = step >> task
    made = pipeline.run(use_cache=True)
    work.write(made["default"]["train"])


if __name__ == "__main__":
    main()
