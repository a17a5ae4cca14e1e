"""The work with DocETL: two map operations, a hundred threads, LiteLLM."""

from __future__ import annotations

import json
from typing import Any

from docetl.runner import DSLRunner
from work import ANSWER, ASK, CONCURRENCY, KEY, MODEL, TEMPERATURE, given, jinja

_NAMED = "def transform(doc):\n    return {'question': doc['reply']}\n"


def _asked(name: str, template: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "map",
        "prompt": jinja(template, "input."),
        "output": {"mode": "structured_output", "schema": {"reply": "string"}},
        "litellm_completion_kwargs": {"temperature": TEMPERATURE, "api_key": KEY},
    }


def main() -> None:
    work = given()
    folder = work.output.parent
    source, made = folder / "docetl-in.json", folder / "docetl-out.json"
    source.write_text(json.dumps(work.records), encoding="utf-8")
    operations = [
        _asked("ask", ASK),
        # A reply has one form; its name is given here, before the next reply takes it.
        {"name": "named", "type": "code_map", "code": _NAMED},
        _asked("answer", ANSWER),
    ]
    names = [operation["name"] for operation in operations]
    config = {
        "default_model": f"openai/{MODEL}",
        "default_lm_api_base": work.api_base,
        "datasets": {"notes": {"type": "file", "path": str(source)}},
        "operations": operations,
        "pipeline": {
            "steps": [{"name": "all", "input": "notes", "operations": names}],
            "output": {"type": "file", "path": str(made), "intermediate_dir": str(folder / "kept")},
        },
    }
    DSLRunner(config, max_threads=CONCURRENCY, base_name=str(folder / "docetl")).load_run_save()
    rows = json.loads(made.read_text(encoding="utf-8"))
    work.write({**row, "answer": row["reply"]} for row in rows)


if __name__ == "__main__":
    main()
