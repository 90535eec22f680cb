"""Python's `tokenizers` for bench/tokenize.ts, which starts this script.

    python bench/tokenize_rival.py TOKENIZER.JSON TEXTS.JSON

Prints a line when the texts are loaded, then texts a second of the processor as a line of JSON for each line on standard input.
"""

import json
import os
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

from tokenizers import Tokenizer  # noqa: E402

path, texts_path = sys.argv[1:]
with open(texts_path, encoding="utf-8") as file:
    texts = json.load(file)


def rate(work):
    start = time.process_time()
    work(texts, add_special_tokens=False)
    return len(texts) / (time.process_time() - start)


print("loaded", flush=True)
for _ in sys.stdin:
    made = Tokenizer.from_file(path)
    turn = {"first": rate(made.encode_batch_fast), "again": rate(made.encode_batch_fast)}
    print(json.dumps({**turn, "places": rate(made.encode_batch)}), flush=True)
