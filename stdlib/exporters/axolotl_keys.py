"""The keys of a training config, with their values by stage."""

from __future__ import annotations

from typing import Any

STAGES = ("pretrain", "sft")

# Sequences joined to one step at most; `axolotl_steps.py` takes fewer for small data.
MOST_ACCUMULATION = 75

# In the order in which they are written; `datasets` and the hub's keys are put between.
MODEL: dict[str, Any] = {
    "model_type": "AutoModelForCausalLM",
    "tokenizer_type": "AutoTokenizer",
    "load_in_8bit": False,
    "load_in_4bit": False,
    "strict": False,
}
BY_STAGE: dict[str, dict[str, Any]] = {
    "pretrain": {
        "dataset_prepared_path": "last_run_prepared",
        "output_dir": "./model-output",
        "num_epochs": 12,
    },
    "sft": {
        "dataset_prepared_path": "last_finetune_prepared",
        "output_dir": "./finetune-model-output",
        "num_epochs": 5,
    },
}
TRAINING: dict[str, Any] = {
    "seed": 1337,
    "sample_packing": True,
    "eval_sample_packing": False,
    "pad_to_sequence_len": False,
    "shuffle_merged_datasets": True,
    "gradient_accumulation_steps": MOST_ACCUMULATION,  # less where data is small
    "micro_batch_size": 2,
    "eval_batch_size": 4,
    "optimizer": "paged_adamw_8bit",
    "lr_scheduler": "constant",
    "learning_rate": 2e-5,
    "neftune_noise_alpha": 5,
    "weight_decay": 0.0,
    "train_on_inputs": False,
    "bf16": True,
    "fp16": False,
    "tf32": False,
    "gradient_checkpointing": True,
    "flash_attention": True,
    "logging_steps": 1,
    "auto_resume_from_checkpoints": False,
    "warmup_ratio": 0.1,
    "val_set_size": 0.04,
    "evals_per_epoch": 1,
    "saves_per_epoch": 1,
    "save_total_limit": 2,
    "special_tokens": {"pad_token": "<unk>"},
    "plugins": ["axolotl.integrations.liger.LigerPlugin"],
    "liger_rope": True,
    "liger_rms_norm": True,
    "liger_glu_activation": True,
    "liger_layer_norm": True,
    "liger_fused_linear_cross_entropy": True,
}

# Every key that the exporter can write by itself; `extra` brings others.
KEYS = (
    "base_model",
    "datasets",
    "test_datasets",
    "sequence_len",
    "chat_template",
    "chat_template_jinja",
    "hub_model_id",
    "hub_strategy",
    "wandb_project",
    *MODEL,
    *BY_STAGE["sft"],
    *TRAINING,
)
