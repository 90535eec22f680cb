"""Golden values of low-rank adapters in a small BERT with ColBERT's projection, from PyTorch in float64.

Every linear weight W is used as W + (alpha / r) B A. Writes test/fixtures/adapters/:
  config.json, weights.safetensors   the encoder, its projection, and the adapters (lora_A, lora_B)
  golden.json                        inputs, token vectors, weights w of the loss sum(w * vectors), r and alpha
  gradients.safetensors              the loss's gradient of every adapter, bias and layer norm

Run from the repository's root: python test/oracles/adapters.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch.func import functional_call
from transformers import BertConfig, BertModel

OUT = Path("test/fixtures/adapters")
RANK, ALPHA, DIM = 3, 5.0, 6
PROJECTION = "linear.weight"

torch.manual_seed(24)
config = BertConfig(
    vocab_size=40,
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=24,
    max_position_embeddings=20,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
model = BertModel(config, add_pooling_layer=False).double().eval()


def leaf(x: torch.Tensor) -> torch.Tensor:
    """Of numbers that float32 holds, so that both sides compute with the same."""
    return x.float().double().requires_grad_()


weights = {}
for name, parameter in model.named_parameters():
    value = 0.3 * torch.randn_like(parameter)
    weights[name] = leaf(value + 1 if "LayerNorm.weight" in name else value)
weights[PROJECTION] = leaf(torch.randn(DIM, 16).double() / 4)
adapters = {}
for name, weight in weights.items():
    if weight.dim() == 2 and not name.startswith("embeddings."):
        layer = name.removesuffix(".weight")
        adapters[f"{layer}.lora_A.weight"] = leaf(torch.randn(RANK, weight.shape[1]).double() / 4)
        adapters[f"{layer}.lora_B.weight"] = leaf(torch.randn(weight.shape[0], RANK).double() / 4)


def used(name: str) -> torch.Tensor:
    layer = name.removesuffix(".weight")
    if f"{layer}.lora_A.weight" not in adapters:
        return weights[name]
    return weights[name] + ALPHA / RANK * adapters[f"{layer}.lora_B.weight"] @ adapters[f"{layer}.lora_A.weight"]


lengths = [9, 6, 3]
ids = torch.zeros(3, 9, dtype=torch.long)
mask = torch.zeros(3, 9, dtype=torch.long)
for row, length in enumerate(lengths):
    ids[row, :length] = torch.randint(1, 40, (length,))
    mask[row, :length] = 1
encoder = {name: used(name) for name in weights if name != PROJECTION}
hidden = functional_call(model, encoder, (ids,), {"attention_mask": mask}).last_hidden_state
vectors = F.normalize(hidden @ used(PROJECTION).T, dim=-1)
loss_weights = (torch.randn(vectors.shape).double() * mask[..., None]).mul(1000).round().div(1000)
loss = (vectors * loss_weights).sum()
loss.backward()

OUT.mkdir(parents=True, exist_ok=True)
(OUT / "config.json").write_text(json.dumps(config.to_dict() | {"architectures": ["BertModel"]}, default=str) + "\n")
everything = weights | adapters
save_file({name: x.detach().float().contiguous() for name, x in everything.items()}, OUT / "weights.safetensors")
wanted = [name for name in everything if name in adapters or name.endswith("bias") or "LayerNorm" in name]
save_file({name: everything[name].grad.float().contiguous() for name in wanted}, OUT / "gradients.safetensors")
golden = {
    "rank": RANK,
    "alpha": ALPHA,
    "dim": DIM,
    "shape": [3, 9],
    "input_ids": ids.flatten().tolist(),
    "attention_mask": mask.flatten().tolist(),
    "loss": loss.item(),
    "loss_weights": loss_weights.flatten().tolist(),
    "vectors": [float(f"{x:.8g}") for x in vectors.flatten().tolist()],
}
(OUT / "golden.json").write_text(json.dumps(golden) + "\n")
