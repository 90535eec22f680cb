"""Opens a checkpoint folder that Refract wrote in transformers and compares outputs.

    python test/oracles/open_checkpoint.py FOLDER RECORDED.json

RECORDED.json holds what Refract computed:
  {"shape": [batch, tokens, hidden], "input_ids": [...], "attention_mask": [...], "token_type_ids": [...],
   "last_hidden_state": [...], "projected": [...] (optional: unit vectors after linear.weight, [batch, tokens, dim]),
   "texts": [{"text": "...", "ids": [...]}] (optional: what Refract's tokeniser made of texts)}
Arrays are flat, row-major. Prints one JSON line: the largest absolute differences over unmasked positions,
and whether the tokenisers agree. Exit status 1 when a difference exceeds 1e-4 or an id differs.
"""

import json
import sys
import warnings

import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer, logging

warnings.filterwarnings("ignore")
logging.set_verbosity_error()


def main(folder: str, recorded_path: str) -> int:
    with open(recorded_path, encoding="utf-8") as file:
        recorded = json.load(file)
    batch, tokens, hidden_size = recorded["shape"]
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = {
        name: torch.tensor(recorded[name]).view(batch, tokens)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    }
    with torch.no_grad():
        hidden = model(**inputs).last_hidden_state
    kept = inputs["attention_mask"].bool()

    def difference(ours: list[float], theirs: torch.Tensor) -> float:
        return (torch.tensor(ours).view(theirs.shape) - theirs)[kept].abs().max().item()

    report = {"parameters": sum(p.numel() for p in model.parameters())}
    report["last_hidden_state"] = difference(recorded["last_hidden_state"], hidden)
    if "projected" in recorded:
        projection = load_file(f"{folder}/model.safetensors")["linear.weight"]
        vectors = torch.nn.functional.normalize(hidden @ projection.T, dim=-1)
        report["projected"] = difference(recorded["projected"], vectors)
    wrong = [t["text"] for t in recorded.get("texts", []) if tokenizer(t["text"])["input_ids"] != t["ids"]]
    report["texts"] = len(recorded.get("texts", []))
    report["texts_with_other_ids"] = wrong
    print(json.dumps(report, ensure_ascii=False))
    largest = max(report["last_hidden_state"], report.get("projected", 0.0))
    return 0 if largest <= 1e-4 and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
