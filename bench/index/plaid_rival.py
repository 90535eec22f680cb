"""fast-plaid's CPU build as one of the systems of bench/index.ts: an oracle to time against, not part of Refract.

    python bench/index/plaid_rival.py FOLDER QUERIES THREADS

FOLDER is one of bench/index/collection.ts. The index is kept in it and used again.
"""

import json
import os
import sys
import time

import numpy
import torch
from fast_plaid import search

DEPTH = 100
folder, name, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(os.path.join(folder, "data.json")) as file:
    shape = json.load(file)
passages, tokens, dim = (shape[each] for each in ("passages", "tokens", "dim"))
vectors = numpy.memmap(
    os.path.join(folder, "vectors.f16"), dtype="float16", mode="r", shape=(passages, tokens, dim)
)
with open(os.path.join(folder, f"{name}.json")) as file:
    count = len(json.load(file))
queries = torch.from_numpy(
    numpy.fromfile(os.path.join(folder, f"{name}.f32"), dtype="float32").reshape(count, -1, dim)
)
home, ready = os.path.join(folder, "fast-plaid"), os.path.join(folder, "fast-plaid.json")
index = search.FastPlaid(index=home, device="cpu")
if not os.path.exists(ready):
    # Training multiplies large matrices, which torch's own threads do well; searching does not.
    torch.set_num_threads(threads)
    start = time.time()
    index.create(documents_embeddings=[torch.from_numpy(numpy.array(each)) for each in vectors], nbits=4)
    with open(ready, "w") as file:
        json.dump({"buildSeconds": time.time() - start}, file)
torch.set_num_threads(1)
with open(ready) as file:
    built = json.load(file)
size = sum(
    os.path.getsize(os.path.join(where, name)) for where, _, names in os.walk(home) for name in names
)


def answer(query):
    [found] = index.search(queries_embeddings=query[None], top_k=DEPTH, show_progress=False)
    return [str(passage) for passage, _ in found]


for query in queries[:10]:
    answer(query)
print(json.dumps({"system": "fast-plaid", **built, "bytesPerPassage": size / passages}), flush=True)
for _line in sys.stdin:
    found, milliseconds = [], []
    for query in queries:
        start = time.perf_counter()
        found.append(answer(query))
        milliseconds.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"found": found, "milliseconds": milliseconds}), flush=True)
