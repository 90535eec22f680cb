"""PyTorch as an engine of bench/encode.ts: encodes the token lists of FOLDER/ids.json for every line on standard
input, and prints the seconds. Texts are sorted by length and batched by the budget of tokens that is fastest here.

    python bench/encode_torch.py FOLDER THREADS [compile]

Needs torch and transformers; Refract itself does not.
"""
import json
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModel

folder, threads = Path(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
ids = json.load(open(folder / "ids.json"))
dim = json.load(open(folder / "teacher" / "refract.json"))["retrieval"]["dim"]
model = AutoModel.from_pretrained(folder / "teacher", add_pooling_layer=False, attn_implementation="sdpa").eval()
head = torch.nn.Linear(model.config.hidden_size, dim, bias=False)
if len(sys.argv) > 3:
    model = torch.compile(model, dynamic=True)


def encode(lists, budget):
    ordered = sorted(lists, key=len, reverse=True)
    vectors = []
    while ordered:
        length = len(ordered[0])
        batch = [ordered.pop(0) for _ in range(min(len(ordered), max(1, budget // length)))]
        tokens = torch.zeros(len(batch), length, dtype=torch.long)
        mask = torch.zeros(len(batch), length, dtype=torch.long)
        for row, each in enumerate(batch):
            tokens[row, : len(each)] = torch.tensor(each)
            mask[row, : len(each)] = 1
        with torch.inference_mode():
            hidden = model(input_ids=tokens, attention_mask=mask).last_hidden_state
            vectors.append(torch.nn.functional.normalize(head(hidden), dim=-1).numpy())
    return vectors


def timed(lists, budget):
    start, cpu = time.perf_counter(), time.process_time()
    encode(lists, budget)
    return dict(seconds=time.perf_counter() - start, cpu=time.process_time() - cpu)


encode(ids[:16], 1024)
best = min((180, 256, 512, 1024, 4096), key=lambda budget: timed(ids[::4], budget)["cpu"])
print(json.dumps(dict(note=f"torch {torch.__version__}, {best} tokens a batch")), flush=True)
for _ in sys.stdin:
    print(json.dumps(timed(ids, best)), flush=True)
