"""Golden values of AdamW with gradient clipping, from torch.optim.AdamW and clip_grad_norm_ in float64.

Two tensors (one that decays, one that does not) take five steps whose gradients are fixed; in some steps
their global norm is above the limit, in others below. Writes test/fixtures/adamw/golden.json.

Run from the repository's root: python test/oracles/adamw.py
"""

import json
from pathlib import Path

import torch

OUT = Path("test/fixtures/adamw/golden.json")
SETTINGS = {"beta1": 0.9, "beta2": 0.98, "epsilon": 1e-6, "weightDecay": 0.1}
RATES = [0.01, 0.02, 0.02, 0.01, 0.005]
SCALES = [1.0, 0.1, 3.0, 0.02, 1.0]
CLIP = 1.0


def numbers(x: torch.Tensor) -> list[float]:
    return [float(f"{value:.9g}") for value in x.detach().flatten().tolist()]


def main() -> None:
    torch.manual_seed(23)
    # The names say which decays: biases do not.
    parameters = {"dense.weight": torch.randn(3, 4), "dense.bias": torch.randn(4)}
    parameters = {name: x.double().requires_grad_() for name, x in parameters.items()}
    start = {name: numbers(x) for name, x in parameters.items()}
    optimiser = torch.optim.AdamW(
        [
            {"params": [parameters["dense.weight"]], "weight_decay": SETTINGS["weightDecay"]},
            {"params": [parameters["dense.bias"]], "weight_decay": 0.0},
        ],
        betas=(SETTINGS["beta1"], SETTINGS["beta2"]),
        eps=SETTINGS["epsilon"],
    )
    steps = []
    for rate, scale in zip(RATES, SCALES):
        gradients = {name: (torch.randn_like(x) * scale).float().double() for name, x in parameters.items()}
        for name, x in parameters.items():
            x.grad = gradients[name].clone()
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), CLIP)
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        steps.append(
            {
                "rate": rate,
                "norm": norm.item(),
                "gradients": {name: numbers(g) for name, g in gradients.items()},
                "parameters": {name: numbers(x) for name, x in parameters.items()},
            }
        )
    golden = {"settings": SETTINGS, "clipNorm": CLIP, "start": start, "steps": steps}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
