"""bm25s for bench/bm25.ts, which starts this script.

    python bench/bm25_rivals.py "bm25s numpy"|"bm25s numba"|"same terms" FOLDER

Prints a line when the texts are loaded, then a line of JSON for each line on standard input.
Needs bm25s and numba; Refract itself does not.
"""
import gc
import json
import sys
import time

import bm25s

name, folder = sys.argv[1:]
same_terms = name == "same terms"
backend = "numba" if name == "bm25s numba" else "numpy"


def load(part):
    with open(f"{folder}/{part}.{'terms' if same_terms else 'texts'}", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def cut(texts):
    if same_terms:
        return texts
    return bm25s.tokenize(texts, token_pattern=r"(?u)\b\w+\b", stopwords=None, show_progress=False)


def index(passages):
    dtype = "float64" if same_terms else "float32"
    searcher = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend=backend, csc_backend="auto", dtype=dtype)
    searcher.index(cut(passages), show_progress=False)
    return searcher


def search(searcher, queries):
    # 0 is no thread beside its own.
    return searcher.retrieve(cut(queries), k=100, show_progress=False, n_threads=0)


def timed(work, *given):
    start, used = time.perf_counter(), time.process_time()
    result = work(*given)
    return dict(seconds=time.perf_counter() - start, processor=time.process_time() - used), result


passages, queries = load("passages"), load("queries")
gc.collect()
gc.freeze()  # what is loaded is not walked again by the collector during a turn
print("loaded", flush=True)
for _ in sys.stdin:
    indexing, searcher = timed(index, passages)
    searching, (found, scores) = timed(search, searcher, queries)
    # Passages without a term of the question fill the list up with a score of 0.
    ranks = [[int(o) for o, s in zip(*row) if s > 0] for row in zip(found, scores)]
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(ranks, file)
    print(json.dumps(dict(index=indexing, search=searching)), flush=True)
