"""Golden outputs and gradients of the operators of src/graph, from PyTorch in float64.

Each case of test/gradient-cases.ts is written here a second time, by name, in PyTorch; the inputs and the
weights w of the loss sum(w * output) come from test/oracles/gradient-inputs.ts.
Writes test/fixtures/gradients/golden.json.

Run from the repository's root: python test/oracles/gradients.py
"""

import json
import subprocess
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path("test/fixtures/gradients/golden.json")


def ids(*values: int, shape: tuple[int, ...] | None = None) -> torch.Tensor:
    return torch.tensor(values).reshape(shape or (len(values),))


CHOICE = ids(0, 1, 0, 1, 1, 0, shape=(2, 3)) == 1

CASES = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "neg": torch.neg,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "reciprocal": torch.reciprocal,
    "abs": torch.abs,
    "pow": lambda x: x**2.5,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "erf": torch.erf,
    "cast": lambda x: x.to(torch.float16).to(x.dtype) * x,
    "identity": lambda x: x * x,
    "detach": lambda x: x.detach() * x,
    "gelu": F.gelu,
    "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
    "reshape": lambda x: x.reshape(3, -1),
    "transpose": lambda x: x.permute(2, 0, 1),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "squeeze": lambda x: x.squeeze(1),
    "concat": lambda a, b: torch.cat([a, b], 1),
    "split": lambda x: torch.mul(*torch.split(x, [2, 1, 2], 1)[:2]),
    "slice": lambda x: x[1:3],
    "pad": lambda x: F.pad(x, (2, 1)),
    "expand": lambda x: x.expand(2, 3, 4),
    "reduceSum": lambda x: x.sum((0, 2)),
    "sumRows": lambda x: x.sum((0, 1)),
    "sumTo": lambda x: x.sum_to_size(3, 1),
    "reduceMean": lambda x: x.mean(-1, keepdim=True),
    "reduceMax": lambda x: x.amax(1),
    "maxFirst": lambda x: x.max(1).values,
    "logSumExp": lambda x: torch.logsumexp(x, -1),
    "matmul": torch.matmul,
    "linear": F.linear,
    "linearLast": F.linear,
    "gemm": lambda a, b: a.T @ b.T,
    "matmulSwapped": lambda a, b: a.mT @ b.reshape(2, 3, 4).mT * a.sum().reshape(1),
    "swapLast": lambda x: x.transpose(-1, -2),
    "softmax": lambda x: F.softmax(x, -1),
    "softmaxFirst": lambda x: F.softmax(x, 0),
    "logSoftmax": lambda x: F.log_softmax(x, -1),
    "layerNorm": lambda x, scale, bias: F.layer_norm(x, (6,), scale, bias, 1e-5),
    "unitVectors": lambda x: F.normalize(x, dim=-1),
    "sumToOne": lambda x: x / x.sum(-1, keepdim=True),
    "where": lambda a, b: torch.where(CHOICE, a, b),
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "clamp": lambda x: torch.clamp(x, -0.5, 0.7),
    "greater": lambda a, b: (a > b).to(a.dtype) * (a + b),
    "gather": lambda table: table[ids(0, 2, 2, 4, 0, 1, shape=(2, 3))],
    "scatterAdd": lambda updates: torch.zeros(5, 3, dtype=updates.dtype).index_add(0, ids(0, 2, 2, 4), updates),
    "pick": lambda x: x.gather(1, ids(3, 0, 2)[:, None])[:, 0],
    "gatherElements": lambda x: x.gather(1, ids(3, 3, 0, 1, 2, 2, shape=(3, 2))),
    "gemmBias": lambda a, b, c: a @ b + c,
    "sin": torch.sin,
    "cos": torch.cos,
    "power": torch.pow,
    "softplus": F.softplus,
    "leakyRelu": lambda x: F.leaky_relu(x, 0.2),
    "elu": lambda x: F.elu(x, 0.7),
    "cumulativeSum": lambda x: x.cumsum(1),
    "cumulativeSumFromEnd": lambda x: x.flip(0).cumsum(0).flip(0) - x,
    "triangleUpper": lambda x: x.triu(1),
    "triangle": torch.tril,
    "tile": lambda x: x.tile(3, 2),
    "take": lambda x: x[:, ids(3, 0, 0, 1, shape=(2, 2))],
    "takePlaces": lambda x: x[ids(0, 2, 0), ids(3, 1, 3)],
    "addAtPlaces": lambda x, updates: x.index_add(0, ids(2, 0, 2), updates),
    "reshapeAtRun": lambda x, y: x.reshape(3, 4) + 0 * y,
    "expandAtRun": lambda x, y: x.expand(2, 3, 4) + 0 * y,
    "concatNamed": lambda a, b: torch.cat([a, b], 1),
    "splitNamed": lambda x, a, b: x[2:] * b + 0 * a.sum(),
    "einsum": lambda a, b: torch.einsum("bqhd,bkhd->bhqk", a, b),
    "einsumSum": lambda a, b: torch.einsum("abc,cd->da", a, b),
    "writePlaces": lambda x, updates: x.index_put((ids(2, 0),), updates),
    "writeElements": lambda x, updates: x.scatter(1, ids(0, 3, 2, 1, 3, 0, shape=(3, 2)), updates),
    "einsumOne": lambda x: torch.einsum("abc->cb", x),
}


def numbers(x: torch.Tensor) -> list[float]:
    return [float(f"{value:.8g}") for value in x.detach().flatten().tolist()]


def golden(case: dict) -> dict:
    inputs = [
        torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_()
        for values, shape in zip(case["inputs"], case["shapes"])
    ]
    output = CASES[case["name"]](*inputs)
    assert list(output.shape) == case["outputShape"], (case["name"], output.shape, case["outputShape"])
    weights = torch.tensor(case["weights"], dtype=torch.float64).reshape(output.shape)
    gradients = torch.autograd.grad((output * weights).sum(), inputs)
    return {
        "name": case["name"],
        "inputs": [numbers(x) for x in inputs],
        "output": numbers(output),
        "gradients": [numbers(g) for g in gradients],
    }


def main() -> None:
    command = ["npx", "tsx", "test/oracles/gradient-inputs.ts"]
    cases = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    missing = {case["name"] for case in cases} ^ CASES.keys()
    assert not missing, f"cases on one side only: {sorted(missing)}"
    OUT.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(golden(case), separators=(",", ":")) for case in cases)
    OUT.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
