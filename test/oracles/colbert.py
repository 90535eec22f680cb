"""Golden values of ColBERT's training loss, from PyTorch in float64.

Writes test/fixtures/colbert/:
  vectors.json          loss over given token vectors (not of unit length), its scores and the vectors' gradients
  config.json, encoder.safetensors, encoder.json
                        the same loss through a BERT of 3 heads x 4, its parameters and their gradients

Run from the repository's root: python test/oracles/colbert.py
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import BertConfig, BertModel

OUT = Path("test/fixtures/colbert")
TEMPERATURE = 0.5


def scores(queries, passages, query_scored, passage_scored):
    """MaxSim of unit vectors [Q, M, d] and [P, N, d]: [Q, P]; tokens whose flag is 0 take no part."""
    similarity = torch.einsum("qmd,pnd->qpmn", F.normalize(queries, dim=-1), F.normalize(passages, dim=-1))
    similarity = similarity.masked_fill(passage_scored[None, :, None, :] == 0, -torch.inf)
    best = similarity.max(-1).values
    return (best * query_scored[:, None, :]).sum(-1)


def objective(queries, passages, query_scored, passage_scored, target, bias):
    s = scores(queries, passages, query_scored, passage_scored)
    return s, F.cross_entropy(s / TEMPERATURE + bias, target)


def flags(*lengths: int, width: int, without: tuple[tuple[int, int], ...] = ()) -> torch.Tensor:
    """1 for the first `lengths` tokens of each row, but for the (row, column) pairs of `without`."""
    mask = (torch.arange(width)[None] < torch.tensor(lengths)[:, None]).long()
    for row, column in without:
        mask[row, column] = 0
    return mask


def numbers(x: torch.Tensor) -> list[float]:
    return [float(f"{value:.9g}") for value in x.detach().flatten().tolist()]


# Three queries; five passages, the last two hard negatives. Passage 3 also answers query 1: not a negative.
TARGET = torch.tensor([2, 0, 1])
BIAS = torch.zeros(3, 5, dtype=torch.float64)
BIAS[1, 3] = -1e4


def vectors() -> None:
    torch.manual_seed(21)
    queries = torch.randn(3, 4, 6).double().requires_grad_()
    passages = torch.randn(5, 7, 6).double().requires_grad_()
    query_scored = flags(4, 2, 3, width=4)
    # Punctuation inside and at the end of passages is not scored.
    passage_scored = flags(7, 5, 3, 6, 7, width=7, without=((0, 2), (3, 5), (4, 0)))
    s, loss = objective(queries, passages, query_scored, passage_scored, TARGET, BIAS)
    loss.backward()
    golden = {
        "temperature": TEMPERATURE,
        "queries": numbers(queries),
        "passages": numbers(passages),
        "query_scored": query_scored.tolist(),
        "passage_scored": passage_scored.tolist(),
        "target": TARGET.tolist(),
        "bias": BIAS.tolist(),
        "scores": numbers(s),
        "loss": loss.item(),
        "query_gradient": numbers(queries.grad),
        "passage_gradient": numbers(passages.grad),
    }
    (OUT / "vectors.json").write_text(json.dumps(golden) + "\n")


def encoder() -> None:
    torch.manual_seed(22)
    config = BertConfig(
        vocab_size=30,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=20,
        max_position_embeddings=9,
        hidden_act="gelu_new",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    projection = torch.nn.Linear(12, 5, bias=False)
    parameters = {**dict(model.named_parameters()), "linear.weight": projection.weight}
    with torch.no_grad():
        for name, parameter in parameters.items():
            # Rounded as float32, then used in float64: both sides start from the same numbers.
            parameter.copy_(0.3 * torch.randn_like(parameter) + name.endswith("LayerNorm.weight"))
    save = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    model.double()
    projection.double()
    parameters = {**dict(model.named_parameters()), "linear.weight": projection.weight}

    def side(lengths: list[int], width: int, without: tuple[tuple[int, int], ...]):
        mask = flags(*lengths, width=width)
        ids = torch.randint(1, 30, mask.shape) * mask
        scored = flags(*lengths, width=width, without=without)
        return ids, mask, scored, projection(model(ids, attention_mask=mask).last_hidden_state)

    query = side([4, 2, 3], 4, ())
    passage = side([9, 5, 3, 6, 8], 9, ((0, 2), (3, 5), (4, 0)))
    s, loss = objective(query[3], passage[3], query[2], passage[2], TARGET, BIAS)
    loss.backward()
    golden = {
        "temperature": TEMPERATURE,
        "dim": 5,
        "query": {"ids": query[0].tolist(), "mask": query[1].tolist(), "scored": query[2].tolist()},
        "passage": {"ids": passage[0].tolist(), "mask": passage[1].tolist(), "scored": passage[2].tolist()},
        "target": TARGET.tolist(),
        "bias": BIAS.tolist(),
        "loss": loss.item(),
    }
    (OUT / "encoder.json").write_text(json.dumps(golden) + "\n")
    (OUT / "config.json").write_text(json.dumps(config.to_dict(), indent=2, sort_keys=True) + "\n")
    gradients = {f"gradient/{name}": p.grad.float().contiguous() for name, p in parameters.items()}
    save_file({**save, **gradients}, OUT / "encoder.safetensors")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    vectors()
    encoder()
