"""The yardstick of handmade.py with LiteLLM as its client: the same calls, slots and JSONL cache.

LiteLLM makes its own connections; its retries are off, it fetches no prices. It runs in uvloop
where there is one and freezes what was imported, as `atkc run` does, so that what differs is atkc.

    python benchmarks/handmade_litellm.py in.jsonl http://127.0.0.1:8000/v1 cache.jsonl out.jsonl
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
from typing import Any

from handmade import answered, main

PROVIDER = "hosted_vllm"  # the leanest of LiteLLM's ways to an endpoint of one's own


async def _run(options: argparse.Namespace, records: list[dict[str, Any]]) -> int:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm
    from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

    litellm.suppress_debug_info = True
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)

    async def send(body: dict[str, Any], _: bytes) -> str:
        model = f"{PROVIDER}/{body['model']}"
        reply = await litellm.acompletion(
            **{**body, "model": model}, api_base=options.api_base, max_retries=0, num_retries=0
        )
        return str(reply.choices[0].message.content)

    try:
        return await answered(options, records, send)
    finally:
        await close_litellm_async_clients()


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:  # it has no build for Windows
        pass
    else:
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    main(_run, __doc__)
