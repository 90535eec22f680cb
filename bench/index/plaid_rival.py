"""fast-plaid's CPU build as one of the systems of bench/index.ts: an oracle to time against, not part of Refract.

    python bench/index/plaid_rival.py FOLDER THREADS

FOLDER holds data.json, vectors.f32 and queries.f32 (bench/index/data.ts). The index is kept in it and used again.
"""

import json
import os
import sys
import time

import numpy
import torch
from fast_plaid import search

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
with open(os.path.join(folder, "data.json")) as file:
    shape = json.load(file)
passages, tokens, dim, depth = (shape[name] for name in ("passages", "tokens", "dim", "depth"))
vectors = numpy.memmap(
    os.path.join(folder, "vectors.f32"), dtype="float32", mode="r", shape=(passages, tokens, dim)
)
queries = torch.from_numpy(
    numpy.fromfile(os.path.join(folder, "queries.f32"), dtype="float32").reshape(
        -1, shape["queryTokens"], dim
    )
)
home, ready = os.path.join(folder, "fast-plaid"), os.path.join(folder, "fast-plaid.json")
index = search.FastPlaid(index=home, device="cpu")
if not os.path.exists(ready):
    start = time.time()
    index.create(documents_embeddings=[torch.from_numpy(numpy.array(each)) for each in vectors], nbits=4)
    with open(ready, "w") as file:
        json.dump({"buildSeconds": time.time() - start}, file)
with open(ready) as file:
    built = json.load(file)
size = sum(
    os.path.getsize(os.path.join(where, name)) for where, _, names in os.walk(home) for name in names
)


def answer(query):
    [found] = index.search(queries_embeddings=query[None], top_k=depth, show_progress=False)
    return [passage for passage, _ in found]


answer(queries[0])
print(json.dumps({"system": "fast-plaid", **built, "bytesPerPassage": size / passages}), flush=True)
for _line in sys.stdin:
    found, milliseconds = [], []
    for query in queries:
        start = time.perf_counter()
        found.append(answer(query))
        milliseconds.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"found": found, "milliseconds": milliseconds}), flush=True)
