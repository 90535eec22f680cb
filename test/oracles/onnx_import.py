"""Encoders as ONNX files, written by both exporters of PyTorch, with golden outputs and gradients.

For each architecture, with random weights (2 layers of width 32), writes to test/fixtures/onnx-import/:
  NAME-EXPORTER-OPSET.onnx   the encoder as torch.onnx.export writes it ("script": TorchScript; "dynamo": torch.export)
  NAME.json                  for several (batch, length): ids, mask, last_hidden_state; weights w of the loss
                             sum(w * last_hidden_state) of the first; and of each file, which parameter of the
                             model each of its initialisers is, and whether it is transposed
  NAME.safetensors           the loss's gradient of every parameter, by its name in the model
  external/onnx/model.onnx   BERT's, with its tensors in a file of their own beside it
  halves/half.onnx, halves/brain.onnx   a BERT with weights in float16 and bfloat16; halves/golden.json has what they
                             give in float32

Needs torch, transformers, onnx and onnxscript.
Run from the repository's root: python test/oracles/onnx_import.py
With --mini FOLDER it writes instead, for bench/onnx-import.ts, a BERT of 3 layers of width 256 by each exporter.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from safetensors.torch import save_file
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    RobertaConfig,
    RobertaModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

OUT = Path("test/fixtures/onnx-import")
VOCABULARY = 60
LONGEST = 40
SHAPES = [[9, 5, 2], [1], [7, 7], [LONGEST - 8, 3, 1, 12]]


class RootMeanSquare(nn.Module):
    """RMS normalisation by parts: x / sqrt(mean(x^2) + epsilon) * scale."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class OddLayer(nn.Module):
    """Pre-norm; fused query, key and value; rotary positions; a learned distance bias; a gated feed-forward part."""

    def __init__(self, width: int, heads: int, wide: int) -> None:
        super().__init__()
        self.heads = heads
        self.first = RootMeanSquare(width)
        self.second = RootMeanSquare(width)
        self.joint = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width)
        self.up = nn.Linear(width, 2 * wide, bias=False)
        self.down = nn.Linear(wide, width, bias=False)
        self.decay = nn.Parameter(torch.zeros(heads, 1, 1))

    def forward(self, x, cos, sin, distance, mask):
        batch, length, width = x.shape
        q, k, v = self.joint(self.first(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        turn = lambda t: t * cos + torch.cat((-t[..., t.shape[-1] // 2 :], t[..., : t.shape[-1] // 2]), -1) * sin
        scores = torch.einsum("bhqd,bhkd->bhqk", turn(q), turn(k)) * (width // self.heads) ** -0.5
        scores = scores - self.decay * distance
        scores = scores.masked_fill(~mask[:, None, None, :], -1e4)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.out(mixed)
        gate, value = self.up(self.second(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * F.softplus(value))


class OddEncoder(nn.Module):
    """An encoder of no known family."""

    def __init__(self) -> None:
        super().__init__()
        width, heads = 32, 4
        self.tokens = nn.Embedding(VOCABULARY, width)
        self.layers = nn.ModuleList(OddLayer(width, heads, 40) for _ in range(2))
        self.last = RootMeanSquare(width)
        self.register_buffer("frequencies", 1 / 100 ** (torch.arange(0, width // heads, 2) / (width // heads)))

    def forward(self, input_ids, attention_mask):
        mask = attention_mask > 0
        places = torch.arange(input_ids.shape[1])
        angles = places[:, None].float() * self.frequencies[None]
        cos, sin = torch.cat((angles, angles), -1).cos(), torch.cat((angles, angles), -1).sin()
        distance = (places[:, None] - places[None]).abs().clamp(max=6).float()
        x = self.tokens(input_ids)
        for layer in self.layers:
            x = layer(x, cos, sin, distance, mask)
        return self.last(x) * mask[..., None].to(x.dtype)


class Hidden(nn.Module):
    """A model of transformers as a function of ids and mask alone."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


class TypedHidden(Hidden):
    def forward(self, input_ids, attention_mask, token_type_ids):
        out = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return out.last_hidden_state


COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 40,
    "max_position_embeddings": LONGEST,
    "attn_implementation": "eager",
}
ROBERTA = {**COMMON, "max_position_embeddings": LONGEST + 2, "type_vocab_size": 1, "pad_token_id": 1}

MODELS = {
    "bert": lambda: TypedHidden(BertModel(BertConfig(**COMMON), add_pooling_layer=False)),
    "distilbert": lambda: Hidden(
        DistilBertModel(
            DistilBertConfig(
                vocab_size=VOCABULARY,
                dim=32,
                n_layers=2,
                n_heads=4,
                hidden_dim=40,
                max_position_embeddings=LONGEST,
                attn_implementation="eager",
            )
        )
    ),
    "roberta": lambda: Hidden(RobertaModel(RobertaConfig(**ROBERTA), add_pooling_layer=False)),
    "xlm-roberta": lambda: Hidden(
        XLMRobertaModel(
            XLMRobertaConfig(**{**ROBERTA, "attn_implementation": "sdpa", "hidden_act": "gelu_new"}),
            add_pooling_layer=False,
        )
    ),
    "modernbert": lambda: Hidden(
        ModernBertModel(
            ModernBertConfig(
                **COMMON,
                global_attn_every_n_layers=2,
                local_attention=8,
                pad_token_id=0,
                reference_compile=False,
            )
        )
    ),
    "odd": OddEncoder,
}
EXPORTS = {
    "bert": [("script", 11), ("script", 14), ("script", 17), ("dynamo", 18)],
    "distilbert": [("script", 14), ("dynamo", 20)],
    "roberta": [("script", 17), ("dynamo", 18)],
    "xlm-roberta": [("script", 14), ("dynamo", 20)],
    "modernbert": [("script", 17), ("dynamo", 20)],
    "odd": [("script", 17), ("dynamo", 20)],
}


def randomise(model: nn.Module) -> None:
    """Larger and less regular than a fresh model, so that attention is far from uniform and each bias counts."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(0.25 * torch.randn_like(parameter))
            if "norm" in name.lower() and name.endswith("weight") or name.split(".")[-2] in ("first", "second", "last"):
                parameter.add_(1.0)


def inputs(lengths: list[int], typed: bool, pad: int) -> dict[str, torch.Tensor]:
    shape = (len(lengths), max(lengths))
    ids = torch.full(shape, pad)
    mask = torch.zeros(shape, dtype=torch.long)
    types = torch.zeros(shape, dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(2, VOCABULARY, (length,))
        mask[row, :length] = 1
        types[row, length // 2 : length] = 1
    return {"input_ids": ids, "attention_mask": mask, **({"token_type_ids": types} if typed else {})}


def export(model: nn.Module, given: dict[str, torch.Tensor], path: Path, exporter: str, opset: int) -> None:
    names = list(given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        common = {"input_names": names, "output_names": ["last_hidden_state"], "opset_version": opset}
        if exporter == "script":
            axes = {name: {0: "batch", 1: "length"} for name in [*names, "last_hidden_state"]}
            torch.onnx.export(model, tuple(given.values()), path, dynamo=False, dynamic_axes=axes, **common)
        else:
            batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=LONGEST)
            shapes = {name: {0: batch, 1: length} for name in names}
            torch.onnx.export(
                model, (), path, kwargs=given, dynamo=True, dynamic_shapes=shapes, external_data=False, verbose=False, **common
            )
    written = onnx.load(path)
    strip(written)
    onnx.save(written, path)


def strip(written: onnx.ModelProto) -> None:
    """Removes what no reader needs: notes that name source files, and shapes within the graph."""
    del written.metadata_props[:], written.graph.metadata_props[:], written.graph.value_info[:]
    written.doc_string = written.graph.doc_string = ""
    for node in written.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*written.graph.input, *written.graph.output]:
        del value.metadata_props[:]
    for tensor in written.graph.initializer:
        del tensor.metadata_props[:]


def origins(path: Path, parameters: dict[str, torch.Tensor]) -> dict[str, list]:
    """Which parameter each float initialiser of two elements or more is: [name, transposed]."""
    found = {}
    for tensor in onnx.load(path).graph.initializer:
        values = torch.tensor(np.array(numpy_helper.to_array(tensor)))
        if values.dtype != torch.float32 or values.numel() < 2:
            continue
        for name, parameter in parameters.items():
            if values.shape == parameter.shape and torch.equal(values, parameter):
                found[tensor.name] = [name, False]
            elif values.ndim == 2 and values.shape == parameter.T.shape and torch.equal(values, parameter.T):
                found[tensor.name] = [name, True]
    return found


def numbers(x: torch.Tensor) -> list[float]:
    return [float(f"{value:.6g}") for value in x.detach().flatten().tolist()]


def golden(name: str) -> None:
    torch.manual_seed(19)
    model = MODELS[name]().eval()
    randomise(model)
    typed = isinstance(model, TypedHidden)
    pad = 1 if "roberta" in name else 0
    cases = []
    for n, lengths in enumerate(SHAPES):
        given = inputs(lengths, typed, pad)
        hidden = model(**given)
        case = {"shape": list(hidden.shape), **{key: x.flatten().tolist() for key, x in given.items()}}
        case["last_hidden_state"] = numbers(hidden)
        if n == 0:
            weights = (torch.randn(hidden.shape) * given["attention_mask"][..., None]).mul(1000).round().div(1000)
            (hidden * weights).sum().backward()
            case["loss_weights"] = [round(x, 3) for x in weights.flatten().tolist()]
        cases.append(case)
    parameters = {key: p.detach() for key, p in model.named_parameters() if p.grad is not None}
    files = {}
    for exporter, opset in EXPORTS[name]:
        path = OUT / f"{name}-{exporter}-{opset}.onnx"
        export(model, inputs([6, 4], typed, pad), path, exporter, opset)
        files[path.name] = origins(path, parameters)
        lost = parameters.keys() - {origin for origin, _ in files[path.name].values()}
        assert not lost, (path.name, sorted(lost))
    (OUT / f"{name}.json").write_text(json.dumps({"cases": cases, "files": files}) + "\n")
    save_file({key: p.grad.contiguous() for key, p in model.named_parameters() if p.grad is not None}, OUT / f"{name}.safetensors")


def external() -> None:
    """The file of transformers' BERT again, with its tensors beside it."""
    folder = OUT / "external" / "onnx"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx.data").unlink(missing_ok=True)
    onnx.save(
        onnx.load(OUT / "bert-script-17.onnx"),
        folder / "model.onnx",
        save_as_external_data=True,
        location="model.onnx.data",
        size_threshold=64,
    )


def halves() -> None:
    """Weights of 16 bits, in a file whose arithmetic is of 16 bits too, and what float32 arithmetic makes of them."""
    folder = OUT / "halves"
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, dtype, exporter in [("half", torch.float16, "script"), ("brain", torch.bfloat16, "dynamo")]:
        torch.manual_seed(20)
        config = BertConfig(**{**COMMON, "num_hidden_layers": 1})
        model = Hidden(BertModel(config, add_pooling_layer=False)).eval()
        randomise(model)
        model = model.to(dtype)
        export(model, inputs([6, 4], False, 0), folder / f"{name}.onnx", exporter, 18 if exporter == "dynamo" else 17)
        given = inputs(SHAPES[0], False, 0)
        hidden = model.float()(**given)
        case = {"shape": list(hidden.shape), **{key: x.flatten().tolist() for key, x in given.items()}}
        expected[f"{name}.onnx"] = {**case, "last_hidden_state": numbers(hidden)}
    (folder / "golden.json").write_text(json.dumps(expected) + "\n")


def mini(folder: Path) -> None:
    config = BertConfig(
        vocab_size=16000,
        hidden_size=256,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=1024,
        attn_implementation="eager",
    )
    torch.manual_seed(19)
    model = Hidden(BertModel(config, add_pooling_layer=False)).eval()
    randomise(model)
    for exporter, opset in [("script", 14), ("script", 17), ("dynamo", 20)]:
        export(model, inputs([6, 4], False, 0), folder / f"mini-{exporter}-{opset}.onnx", exporter, opset)


def main() -> None:
    if "--mini" in sys.argv:
        mini(Path(sys.argv[sys.argv.index("--mini") + 1]))
        return
    OUT.mkdir(parents=True, exist_ok=True)
    for name in MODELS:
        golden(name)
    external()
    halves()


if __name__ == "__main__":
    main()
