"""The work with sdg_hub: a flow of prompt, chat, extractor and parser blocks, twice; LiteLLM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from sdg_hub import Flow
from work import ANSWER, ASK, CONCURRENCY, KEY, MODEL, TEMPERATURE, given, jinja


def _block(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {"block_type": kind, "block_config": {"block_name": name, **config}}


def _step(folder: Path, made: str, template: str, columns: list[str]) -> list[dict[str, Any]]:
    prompt = folder / f"{made}.yaml"
    messages = [{"role": "user", "content": jinja(template)}]
    prompt.write_text(yaml.safe_dump(messages), encoding="utf-8")
    return [
        _block(
            "PromptBuilderBlock",
            f"ask_{made}",
            input_cols=columns,
            output_cols=f"{made}_messages",
            prompt_config_path=prompt.name,
        ),
        _block(
            "LLMChatBlock",
            f"chat_{made}",
            input_cols=f"{made}_messages",
            output_cols=f"{made}_response",
            async_mode=True,
            temperature=TEMPERATURE,
        ),
        _block(
            "LLMResponseExtractorBlock",
            f"extract_{made}",
            input_cols=f"{made}_response",
            field_prefix=f"{made}_",
            extract_content=True,
        ),
        _block(
            "JSONParserBlock",
            f"parse_{made}",
            input_cols=f"{made}_content",
            output_cols=["reply"],
        ),
        _block("RenameColumnsBlock", f"name_{made}", input_cols={"reply": made}),
    ]


def main() -> None:
    work = given()
    folder = work.output.parent
    blocks = _step(folder, "question", ASK, ["text"])
    blocks += _step(folder, "answer", ANSWER, ["text", "question"])
    flow_file = folder / "flow.yaml"
    metadata = {"name": "two-steps", "version": "1.0.0", "author": "a benchmark"}
    flow_file.write_text(yaml.safe_dump({"metadata": metadata, "blocks": blocks}), "utf-8")
    flow = Flow.from_yaml(str(flow_file))
    flow.set_model_config(model=f"openai/{MODEL}", api_base=work.api_base, api_key=KEY)
    rows = flow.generate(pd.DataFrame(work.records), max_concurrency=CONCURRENCY)
    work.write(rows.to_dict("records"))


if __name__ == "__main__":
    main()
