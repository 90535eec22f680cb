"""Golden loss and gradients of masked-language modelling, from transformers' BertForMaskedLM.

The encoder is the one of test/fixtures/bert; the head is drawn here. The decoder is tied to the word table, so
the table's gradient is the sum of what comes from the look-ups and from the logits.
Writes test/fixtures/mlm: head.safetensors, gradients.safetensors, golden.json.

Run from the repository's root: python test/oracles/mlm.py
With the folder of a pretrained checkpoint it opens that instead, says which tensors were missing, and exits
with status 1 when there were any: python test/oracles/mlm.py FOLDER
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM

BERT = Path("test/fixtures/bert")
OUT = Path("test/fixtures/mlm")
MASK = 4


def model() -> BertForMaskedLM:
    torch.manual_seed(21)
    built = BertForMaskedLM(BertConfig.from_pretrained(BERT)).eval()
    missing = built.bert.load_state_dict(load_file(BERT / "model.safetensors"), strict=False)
    assert not missing.missing_keys and not missing.unexpected_keys, missing
    with torch.no_grad():
        for name, parameter in built.cls.named_parameters():
            if name.endswith("decoder.weight"):
                continue
            parameter.copy_(0.25 * torch.randn_like(parameter))
            if name.endswith("LayerNorm.weight"):
                parameter.add_(1.0)
    return built


def golden() -> None:
    built = model()
    lengths = [12, 7]
    labels = torch.full((2, 12), -100)
    input_ids = torch.zeros(2, 12, dtype=torch.long)
    mask = torch.zeros(2, 12, dtype=torch.long)
    for row, length in enumerate(lengths):
        input_ids[row, :length] = torch.randint(7, 80, (length,))
        mask[row, :length] = 1
    # Hidden as [MASK], as a random token, left as it is; one id is predicted twice and also looked up.
    for row, at, shown in [(0, 2, MASK), (0, 5, 33), (0, 9, None), (1, 1, MASK), (1, 4, MASK)]:
        labels[row, at] = input_ids[row, at]
        if shown is not None:
            input_ids[row, at] = shown
    labels[1, 4] = labels[0, 2]
    input_ids[1, 6] = labels[0, 2]
    output = built(input_ids, attention_mask=mask, labels=labels)
    output.loss.backward()
    parameters = dict(built.named_parameters())
    OUT.mkdir(parents=True, exist_ok=True)
    head = {name: p.detach().contiguous() for name, p in parameters.items() if name.startswith("cls.")}
    save_file(head, OUT / "head.safetensors", metadata={"format": "pt"})
    gradients = {name.removeprefix("bert."): p.grad.contiguous() for name, p in parameters.items()}
    save_file(gradients, OUT / "gradients.safetensors", metadata={"format": "pt"})
    chosen = labels.flatten() != -100
    logits = output.logits.flatten(0, 1)[chosen]
    (OUT / "golden.json").write_text(
        json.dumps(
            {
                "shape": [2, 12],
                "input_ids": input_ids.flatten().tolist(),
                "attention_mask": mask.flatten().tolist(),
                "positions": chosen.nonzero().flatten().tolist(),
                "labels": labels.flatten()[chosen].tolist(),
                "loss": output.loss.item(),
                "accuracy": (logits.argmax(-1) == labels.flatten()[chosen]).float().mean().item(),
            }
        )
        + "\n"
    )


def check(folder: str) -> int:
    _, report = BertForMaskedLM.from_pretrained(folder, output_loading_info=True)
    print({name: sorted(keys) for name, keys in report.items()})
    return 1 if report["missing_keys"] or report["unexpected_keys"] or report["mismatched_keys"] else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(check(sys.argv[1]))
    golden()
