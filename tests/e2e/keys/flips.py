"""What is flipped between two runs: the edits (file, old, new), and what is asked anew.

`COUNTS` says which step asks, for which records, how often; what stands in `SAME` asks nothing.
"""

from __future__ import annotations

import json
from collections import Counter

from atkc.compiler.plan import Gate
from tests.e2e.keys.kit import MODELS, Asked, of, said, summed
from tests.e2e.keys.kit import ROWS as RECORDS
from tests.e2e.keys.kit import SPEC as SPEC_TEXT

Edit = tuple[str, str, str]

SPEC, ROWS = "spec.yaml", "rows.jsonl"
JUDGE, ASK, SUM, SHORT = (f"prompts/{name}.yaml" for name in ("judge", "ask", "sum", "short"))
NOTHING: Asked = Counter()
ANSWERS = of("ASK") + summed()  # answers that differ are summed up anew
VOICE = "talker: {model: openai/talker, endpoint: there"
JUDGED = "judge: {model: openai/judge, endpoint: there"
REASONS = "{temperature: 1, max_tokens: 200}"  # of a family that refuses the temperature
EMBEDS = "embedder: {model: openai/embedder, endpoint: here"
DRAWN = "{temperature: 0.5, max_tokens: 300}"

ROW_4 = json.dumps(RECORDS[3]) + "\n"
OUT_SUMMED = "  out_summed: {type: export, from: summed, format: jsonl, path: summed.jsonl}\n"
OUT_NEAR = SPEC_TEXT[SPEC_TEXT.index("  out_near:") :]
ONCE_MORE = """\
  once_more: {type: prompt, from: judged, model: writer, prompt: prompts/ask.yaml}
  out_more: {type: export, from: once_more, format: jsonl, path: more.jsonl}
"""
SOME = """\
  some: {type: map, from: judged, where: "id != 'r9'", set: {twice: "id + id"}}
"""
IN_ORDER = "  in_order: {type: combine, op: sort, from: asked, by: id}\n"
PARAMS = """\
params:
  heat: {type: number, default: 0.5, group: Chance, description: How wild.}
"""


def model(sampling: str) -> list[Edit]:
    """Give the writer other sampling parameters."""
    return [(SPEC, DRAWN, sampling)]


def more(parameter: str) -> list[Edit]:
    """Give the writer one more."""
    return model(f"{DRAWN[:-1]}, {parameter}}}")


COUNTS: dict[str, tuple[list[Edit], Asked]] = {
    # data
    "a byte of one row": (
        [(ROWS, "boards at noon", "boards at noom")],
        of("CUT", "r2")
        + of("JUDGE", "r2")
        + of("ASK", "r2")
        + summed("sea")
        + said("r2")
        + of("NEAR", "r2"),
    ),
    "a field that one prompt reads": (
        [(ROWS, '"n": 4', '"n": 5')],
        of("ASK", "r4") + summed("sky") + of("SHORT", "r4", times=2),
    ),
    "a field that only the group reads": (
        [(ROWS, '"sky", "text": "Wind', '"sea", "text": "Wind')],
        summed(),
    ),
    "a row less": ([(ROWS, ROW_4, "")], summed("sky")),
    "1 -> '1'": ([(ROWS, '"n": 1}', '"n": "1"}')], of("ASK", "r1") + summed("sea")),
    "1 -> true": (
        [(ROWS, '"n": 1}', '"n": true}')],
        of("ASK", "r1") + summed("sea") + of("SHORT", "r1", times=2),
    ),
    "1 -> 1.0": (
        [(ROWS, '"n": 1}', '"n": 1.0}')],
        of("ASK", "r1") + summed("sea") + of("SHORT", "r1", times=2),
    ),
    # what is said to the model
    "system prompt": ([(ASK, "Answer briefly.", "Answer at length.")], ANSWERS),
    "system prompt, a space": ([(JUDGE, "You are strict.", "You are  strict.")], of("JUDGE")),
    "user template": ([(ASK, "tojson }}:", "tojson }} -")], ANSWERS),
    "template of a variant": ([(SHORT, "{{ n }}:", "{{ n }};")], of("SHORT", times=2)),
    "template below a group": ([(SUM, "join('; ')", "join(', ')")], summed()),
    "few-shot example": ([(ASK, "A beam.", "A long beam.")], ANSWERS),
    "few-shot examples swapped": (
        [
            (ASK, "keel", "K"),
            (ASK, "A beam", "B"),
            (ASK, "mast", "keel"),
            (ASK, "A pole", "A beam"),
            (ASK, "What is a K", "What is a mast"),
            (ASK, '"B.', '"A pole.'),
        ],
        ANSWERS,
    ),
    "an example less": (
        [(ASK, '  - {user: What is a mast?, assistant: \'{"answer": "A pole."}\'}\n', "")],
        ANSWERS,
    ),
    "role of a message": ([(JUDGE, "{role: system,", "{role: user,")], of("JUDGE")),
    "description of a field of the contract": ([(ASK, "a short answer", "an answer")], ANSWERS),
    "field of the contract, which no reply has": (
        [(ASK, "{answer: {type: string,", "{answer: {type: string, key: said,")],
        of("ASK", times=2),
    ),
    # which model
    "model name": ([(SPEC, "openai/judge", "openai/judge-2")], of("JUDGE")),
    "provider": ([(SPEC, JUDGED, "judge: {model: anthropic/judge")], of("JUDGE")),
    "revision": ([(SPEC, VOICE, VOICE + ", revision: may")], said()),
    "model of vectors": ([(SPEC, "openai/embedder", "openai/embedder-2")], of("NEAR")),
    "revision of vectors": ([(SPEC, EMBEDS, EMBEDS + ", revision: may")], of("NEAR")),
    "dimensions of vectors": ([(SPEC, EMBEDS, EMBEDS + ", sampling: {dimensions: 3}")], of("NEAR")),
    "port of a private server": ([(SPEC, "127.0.0.1:9/", "127.0.0.1:8/")], of("ASK") + of("NEAR")),
    "path of a private server": ([(SPEC, "1:9/v1", "1:9/other/v1")], of("ASK") + of("NEAR")),
    # how it is asked
    "temperature": (model("{temperature: 0.6, max_tokens: 300}"), ANSWERS),
    "temperature 0": (model("{temperature: 0, max_tokens: 300}"), ANSWERS),
    "no temperature": (model("{max_tokens: 300}"), ANSWERS),
    "max_tokens": (model("{temperature: 0.5, max_tokens: 301}"), ANSWERS),
    "top_p": (more("top_p: 0.9"), ANSWERS),
    "top_k": (more("top_k: 40"), ANSWERS),
    "min_p": (more("min_p: 0.1"), ANSWERS),
    "stop": (more('stop: ["\\n\\n"]'), ANSWERS),
    "presence_penalty": (more("presence_penalty: 1"), ANSWERS),
    "frequency_penalty": (more("frequency_penalty: 1"), ANSWERS),
    "logit_bias": (more('logit_bias: {"5": -1}'), ANSWERS),
    "chat_template_kwargs": (more("chat_template_kwargs: {thinking: false}"), ANSWERS),
    "max_tokens, which a family gets under another name": (
        [(SPEC, REASONS, "{temperature: 1, max_tokens: 201}")],
        summed(),
    ),
    "a parameter that a family takes": (
        [(SPEC, REASONS, REASONS[:-1] + ", reasoning_effort: low}")],
        summed(),
    ),
    "a family that takes what it was not sent": (
        [(SPEC, "openai/o3-summer", "openai/summer")],
        summed(),
    ),
    "sampling of the prompt file": (
        [(ASK, "messages:", "sampling: {temperature: 1.1}\nmessages:")],
        ANSWERS,
    ),
    "null in a prompt file": (
        [(ASK, "messages:", "sampling: {temperature: null}\nmessages:")],
        ANSWERS,
    ),
    "sampling of the step": (
        [(SPEC, "prompts/ask.yaml\n", "prompts/ask.yaml\n    sampling: {max_tokens: 99}\n")],
        ANSWERS,
    ),
    "structured: json": ([(SPEC, DRAWN, DRAWN + ", structured: json")], ANSWERS),
    "structured: schema": ([(SPEC, DRAWN, DRAWN + ", structured: schema")], ANSWERS),
    "mode": ([(SPEC, VOICE, VOICE + ", mode: completion")], said()),
    # what is done with replies, and how many there are
    "replies that no longer parse": (
        [(ASK, "  format: json", "  format: json\n  refuse: [about r2]")],
        of("ASK", "r2") + summed("sea"),
    ),
    "votes raised": ([(SPEC, "votes: 1", "votes: 3")], of("JUDGE")),
    "samples raised": ([(SPEC, "samples: 2", "samples: 3")], of("SHORT") + of("LONG")),
    "samples lowered": ([(SPEC, "samples: 2", "samples: 1")], NOTHING),
    "draw": ([(SPEC, "samples: 2", "samples: 2\n    draw: 1")], said()),
    "draw of votes": ([(SPEC, "prompts/sum.yaml", "prompts/sum.yaml\n    draw: again")], summed()),
    "seed of the run": ([(SPEC, "seed: 3", "seed: 4")], of("CUT") + MODELS),
    # costly functions
    "an option of a function": ([(SPEC, "max_tokens: 40", "max_tokens: 41")], of("CUT")),
    "tokenizer": ([(SPEC, "seed: 3", "seed: 3\ntokenizer: o200k")], of("CUT")),
}

SAME: dict[str, list[Edit]] = {
    "name of the spec": [(SPEC, "name: mutated", "name: mutated\ndescription: Rows.")],
    "names of steps": [
        (SPEC, "  asked:\n", "  answered:\n"),
        (SPEC, "from: asked", "from: answered"),
    ],
    "names of models": [
        (SPEC, "  writer: {", "  author: {"),
        (SPEC, "model: writer", "model: author"),
    ],
    "names of endpoints": [
        (SPEC, "  there: {", "  yonder: {"),
        (SPEC, VOICE, VOICE.replace("there", "yonder")),
        (SPEC, JUDGED, JUDGED.replace("there", "yonder")),
        (SPEC, "summer, endpoint: there", "summer, endpoint: yonder"),
    ],
    "order of steps": [
        (SPEC, "steps:\n", "steps:\n" + OUT_SUMMED),
        (SPEC, OUT_SUMMED + "  out_read:", "  out_read:"),
    ],
    "comments": [
        (SPEC, "steps:", "# all that stores something\nsteps:  # here"),
        (ASK, "reply:", "# so\nreply:"),
    ],
    "YAML style": [
        (SPEC, "    with: {max_tokens: 40}", '    with:\n        "max_tokens": 0x28'),
        (
            ASK,
            "{role: system, content: Answer briefly.}",
            "role: system\n    content: >-\n      Answer\n      briefly.",
        ),
    ],
    "description of a prompt": [(ASK, "fields: {id", "description: Asks.\nfields: {id")],
    "name of a variant": [(SPEC, "{short: prompts", "{brief: prompts")],
    "order of rows": [
        (ROWS, ROW_4, ""),
        (ROWS, '{"id": "r1"', ROW_4 + '{"id": "r1"'),
        (
            SPEC,
            "collect: {answers: answer}",
            "collect: {answers: answer}\n    description: Of sorted rows.",
        ),
        (SPEC, "from: asked\n    by", "from: in_order\n    by"),
        (SPEC, "  topics:\n", IN_ORDER + "  topics:\n"),
    ],
    "order of keys, escapes in rows": [
        (ROWS, '{"id": "r3", "topic": "sky"', '{ "topic": "s\\u006by",\t"id": "r3"')
    ],
    "a field that nobody reads": [
        (ROWS, '"n": 3', '"n": 3, "more": [1]'),
        (SPEC, "n: any}", "n: any, more: any | null}"),
        (ROWS, '"n": 1}', '"n": 1, "more": null}'),
        (ROWS, '"n": 2', '"n": 2, "more": 1'),
        (ROWS, '"n": 4', '"n": 4, "more": {}'),
    ],
    "a parameter that the family refuses": [
        (SPEC, REASONS, "{temperature: 0.3, max_tokens: 200, top_p: 0.9, logit_bias: {'5': -1}}")
    ],
    "no parameter that the family refuses": [(SPEC, REASONS, "{max_tokens: 200}")],
    "a parameter that the family refuses, said by the step": [
        (SPEC, "prompts/sum.yaml\n", "prompts/sum.yaml\n    sampling: {temperature: 0}\n")
    ],
    "null in a sampling": [(SPEC, DRAWN, "{temperature: 0.5, max_tokens: 300, top_p: null}")],
    "null in a step's sampling": [
        (SPEC, "prompts/ask.yaml\n", "prompts/ask.yaml\n    sampling: {top_p: null}\n")
    ],
    "null in the dimensions of vectors": [
        (SPEC, EMBEDS, EMBEDS + ", sampling: {dimensions: null}")
    ],
    "order of sampling parameters": [(SPEC, DRAWN, "{max_tokens: 300, temperature: 0.5}")],
    "the same sampling, said by the step": [
        (SPEC, "prompts/ask.yaml\n", "prompts/ask.yaml\n    sampling: {temperature: 0.5}\n")
    ],
    "sampling of vectors": [(SPEC, EMBEDS, EMBEDS + ", sampling: {temperature: 1}")],
    "structured where no JSON is asked for": [(SPEC, VOICE, VOICE + ", structured: schema")],
    "concurrency": [(SPEC, "concurrency: 4", "concurrency: 9")],
    "limits, time, retries, hedges": [
        (SPEC, "concurrency: 4", "rpm: 60, tpm: 9000, timeout: 5, retries: 2, hedge: {after: p90}")
    ],
    "batch": [(SPEC, "concurrency: 4", "concurrency: 4, batch: true, batch_price: 0.4")],
    "price": [(SPEC, VOICE, VOICE + ", price_in: 1, price_out: 2")],
    "cap of requests": [(SPEC, VOICE, VOICE + ", max_requests: 5")],
    "fallback": [(SPEC, VOICE, VOICE + ", fallback: [judge]")],
    "budget": [(SPEC, "seed: 3", "seed: 3\nbudget: {max_calls: 1}")],
    "max_failures": [
        (SPEC, "seed: 3", "seed: 3\nmax_failures: 1"),
        (SPEC, "votes: 1", "votes: 1\n    max_failures: 2"),
    ],
    "name of the variable of a key": [(SPEC, "EXAMPLE_KEY", "OTHER_KEY")],
    "spelling of a public address": [
        (SPEC, "https://api.example.com/v1", "HTTPS://API.example.com:443/v1/")
    ],
    "spelling of a private address": [
        (SPEC, "http://127.0.0.1:9/v1", "http://u:p@localhost:9/v1/")
    ],
    "groups of params": [
        (SPEC, "seed: 3", "seed: 3\n" + PARAMS),
        (SPEC, "temperature: 0.5", 'temperature: "${params.heat}"'),
    ],
    "path and format of an export": [
        (SPEC, "format: jsonl\n    path: read.jsonl", "format: csv\n    path: deep/er/read.csv")
    ],
    "an export less": [(SPEC, OUT_NEAR, "")],
    "output": [(SPEC, "seed: 3", "seed: 3\noutput: elsewhere")],
    "rule of a parse step": [(SPEC, "Value: (?P", "(?i)value:? (?P")],
    "rule of a contract that replies keep": [
        (ASK, "  format: json", "  format: json\n  refuse: [nonsense]")
    ],
    "synonyms of verdict words": [(JUDGE, "[GOOD]", "[GOOD, FINE]")],
    "resample": [(SPEC, "resample: 1", "resample: 4")],
    "then": [(SPEC, "resample: 1", "resample: 1, then: rejected")],
    "rule of a vote": [(SPEC, "votes: 1", "votes: 1\n    pass: all\n    invalid: fail")],
    "choice of variants": [(SPEC, "samples: 2", "samples: 2\n    choose: {draw: 1}")],
    "top and exclusion of neighbours": [(SPEC, "top: 1", "top: 2\n    exclude: none")],
    "a free step between": [
        (SPEC, "from: judged\n    model: writer", "from: some\n    model: writer"),
        (SPEC, "  asked:\n", SOME + "  asked:\n"),
    ],
    "another step that asks the same": [(SPEC, "  topics:\n", ONCE_MORE + "  topics:\n")],
}

OPTIONS: dict[str, dict[str, object]] = {
    "output folder": {"output": "elsewhere"},
    "report and provenance": {"report": True, "provenance": True},
    "caps": {"max_calls": 1},
    "failures allowed": {"max_failures": Gate(records=3)},
    "a batch": {"batch": True, "batch_poll": 5.0, "batch_size": 3},
    "grace, plain, log": {"grace": 1.0, "plain": True, "log_file": "log.jsonl"},
    "a part": {"limits": ("2",)},
}
