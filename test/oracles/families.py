"""Golden values of small random encoders of the families beside BERT, from PyTorch and transformers.

Writes test/fixtures/families/NAME/ for roberta, xlm-roberta, distilbert and modernbert:
  config.json, model.safetensors   an encoder without pooler
  golden.json                      inputs, last_hidden_state, and weights w of the loss sum(w * last_hidden_state)
  gradients.safetensors            the loss's gradient of every parameter
  masked-lm/                       the same encoder with a language-model head, and the logits of some tokens

Run from the repository's root: python test/oracles/families.py
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    DistilBertConfig,
    DistilBertForMaskedLM,
    DistilBertModel,
    ModernBertConfig,
    ModernBertForMaskedLM,
    ModernBertModel,
    RobertaConfig,
    RobertaForMaskedLM,
    RobertaModel,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
    XLMRobertaModel,
)

OUT = Path("test/fixtures/families")
WIDE = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24}
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
MODELS = {
    "roberta": RobertaModel(
        RobertaConfig(**WIDE, **NO_DROPOUT, max_position_embeddings=22, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5),
        add_pooling_layer=False,
    ),
    "xlm-roberta": XLMRobertaModel(
        XLMRobertaConfig(**WIDE, **NO_DROPOUT, max_position_embeddings=22, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5),
        add_pooling_layer=False,
    ),
    "distilbert": DistilBertModel(
        DistilBertConfig(vocab_size=40, dim=16, n_layers=2, n_heads=4, hidden_dim=24, max_position_embeddings=20, dropout=0.0, attention_dropout=0.0)
    ),
    # Five layers: all, near, near, all, near; a reach of 3, which the longest text is beyond.
    "modernbert": ModernBertModel(
        ModernBertConfig(
            **{**WIDE, "num_hidden_layers": 5},
            max_position_embeddings=20,
            local_attention=6,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
            cls_token_id=1,
            sep_token_id=2,
            attn_implementation="eager",
        )
    ),
}

HEADED = {
    "roberta": RobertaForMaskedLM,
    "xlm-roberta": XLMRobertaForMaskedLM,
    "distilbert": DistilBertForMaskedLM,
    "modernbert": ModernBertForMaskedLM,
}


def golden(name: str, model: torch.nn.Module) -> None:
    torch.manual_seed(21)
    model.eval()
    # Larger and less regular than a fresh model, so that attention is far from uniform and each bias counts.
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            parameter.copy_(0.3 * torch.randn_like(parameter))
            if "norm" in key.lower() and key.endswith("weight"):
                parameter.add_(1.0)
    folder = OUT / name
    model.save_pretrained(folder)
    pad = model.config.pad_token_id
    lengths = [16, 9, 3]
    ids = torch.full((3, 16), pad, dtype=torch.long)
    mask = torch.zeros(3, 16, dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(3, 40, (length,))
        mask[row, :length] = 1
    hidden = model(ids, attention_mask=mask).last_hidden_state
    weights = (torch.randn(hidden.shape) * mask[..., None]).mul(1000).round().div(1000)
    loss = (hidden * weights).sum()
    loss.backward()
    written = {
        "shape": list(hidden.shape),
        "input_ids": ids.flatten().tolist(),
        "attention_mask": mask.flatten().tolist(),
        "last_hidden_state": [float(f"{x:.8g}") for x in hidden.flatten().tolist()],
        "loss_weights": [round(x, 3) for x in weights.flatten().tolist()],
        "loss": loss.item(),
    }
    (folder / "golden.json").write_text(json.dumps(written) + "\n")
    gradients = {key: p.grad.contiguous() for key, p in model.named_parameters() if p.grad is not None}
    save_file(gradients, folder / "gradients.safetensors", metadata={"format": "pt"})

    with torch.no_grad():
        headed = HEADED[name](model.config).eval()
        for key, parameter in headed.named_parameters():
            if not key.startswith(headed.base_model_prefix + "."):
                parameter.copy_(0.3 * torch.randn_like(parameter))
        headed.base_model.load_state_dict(model.state_dict())
        headed.tie_weights()
        headed.save_pretrained(folder / "masked-lm")
        logits = headed(ids, attention_mask=mask).logits
    places = [0, 5, 15, 16, 24, 32]
    chosen = {"places": places, "logits": logits.flatten(0, 1)[places].flatten().tolist()}
    (folder / "masked-lm" / "golden.json").write_text(json.dumps(chosen) + "\n")


if __name__ == "__main__":
    for name, model in MODELS.items():
        golden(name, model)
