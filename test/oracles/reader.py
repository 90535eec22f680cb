"""Golden logits, loss and gradients of an extractive reader, from transformers' BertForQuestionAnswering.

The encoder is the one of test/fixtures/bert; the head is drawn here. Beside the loss that transformers computes over
all positions there is the one over the positions where an answer may be: [CLS] and the passage.
Writes test/fixtures/reader: head.safetensors, gradients.safetensors, golden.json.

Run from the repository's root: python test/oracles/reader.py
With the folder of a reader's checkpoint it opens that instead, says which tensors were missing, and exits with
status 1 when there were any: python test/oracles/reader.py FOLDER
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForQuestionAnswering

BERT = Path("test/fixtures/bert")
OUT = Path("test/fixtures/reader")
CLS, SEP = 2, 3


def model() -> BertForQuestionAnswering:
    torch.manual_seed(33)
    built = BertForQuestionAnswering(BertConfig.from_pretrained(BERT)).eval()
    missing = built.bert.load_state_dict(load_file(BERT / "model.safetensors"), strict=False)
    assert not missing.missing_keys and not missing.unexpected_keys, missing
    with torch.no_grad():
        for parameter in built.qa_outputs.parameters():
            parameter.copy_(0.25 * torch.randn_like(parameter))
    return built


def golden() -> None:
    built = model()
    # Question and passage lengths; the second row is padded, the third has no answer.
    rows, length = [(4, 9), (3, 6), (5, 8)], 16
    input_ids = torch.zeros(3, length, dtype=torch.long)
    mask, types, readable = (torch.zeros(3, length, dtype=torch.long) for _ in range(3))
    for row, (question, passage) in enumerate(rows):
        words = torch.randint(7, 80, (question + passage,)).tolist()
        ids = [CLS, *words[:question], SEP, *words[question:], SEP]
        input_ids[row, : len(ids)] = torch.tensor(ids)
        mask[row, : len(ids)] = 1
        types[row, question + 2 : len(ids)] = 1
        readable[row, 0] = 1
        readable[row, question + 2 : question + 2 + passage] = 1
    starts, ends = torch.tensor([8, 5, 0]), torch.tensor([10, 5, 0])
    output = built(
        input_ids, attention_mask=mask, token_type_ids=types, start_positions=starts, end_positions=ends
    )
    hidden = readable == 0
    entropy = torch.nn.functional.cross_entropy
    masked = [
        entropy(logits.masked_fill(hidden, float("-inf")), labels)
        for logits, labels in [(output.start_logits, starts), (output.end_logits, ends)]
    ]
    loss = (masked[0] + masked[1]) / 2
    loss.backward()
    OUT.mkdir(parents=True, exist_ok=True)
    parameters = dict(built.named_parameters())
    head = {name: p.detach().contiguous() for name, p in parameters.items() if name.startswith("qa_outputs.")}
    save_file(head, OUT / "head.safetensors", metadata={"format": "pt"})
    gradients = {name.removeprefix("bert."): p.grad.contiguous() for name, p in parameters.items()}
    save_file(gradients, OUT / "gradients.safetensors", metadata={"format": "pt"})
    named = {"ids": input_ids, "mask": mask, "types": types, "readable": readable}
    (OUT / "golden.json").write_text(
        json.dumps(
            {
                "shape": [3, length],
                **{name: tensor.flatten().tolist() for name, tensor in named.items()},
                "starts": starts.tolist(),
                "ends": ends.tolist(),
                "start_logits": output.start_logits.flatten().tolist(),
                "end_logits": output.end_logits.flatten().tolist(),
                "loss": loss.item(),
                "loss_everywhere": output.loss.item(),
            }
        )
        + "\n"
    )


def check(folder: str) -> int:
    _, report = BertForQuestionAnswering.from_pretrained(folder, output_loading_info=True)
    print({name: sorted(keys) for name, keys in report.items()})
    return 1 if report["missing_keys"] or report["unexpected_keys"] or report["mismatched_keys"] else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(check(sys.argv[1]))
    golden()
