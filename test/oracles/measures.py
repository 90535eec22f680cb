"""Golden values of retrieval measures, by trec_eval's own code (pytrec-eval-terrier).

Writes qrels.txt, run.txt and expected.json to test/fixtures/measures: random rankings with many ties, scores
that differ only beyond float32, negative grades, unjudged passages, ids outside ASCII and outside the Basic
Multilingual Plane, a query without relevant passages and one without results.

    python test/oracles/measures.py
"""
import json
import pathlib
import random

import pytrec_eval

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "measures"
CUTOFFS = {"nDCG": "ndcg_cut", "AP": "map_cut", "R": "recall", "P": "P", "Success": "success"}
WHOLE = {"nDCG": "ndcg", "AP": "map", "RR": "recip_rank", "Rprec": "Rprec"}
RANKS = [1, 3, 5, 10, 100]

draw = random.Random(7)
ids = [f"p{n}" for n in range(30)] + ["ọmọ", "डॉक्टर", "طبيب", "หมอ", "\uff21\uff22", "\U0001f33e", "P1", "p-1"]
judgments, run = {}, {}
for number in range(10):
    query = f"q{number}"
    grades = [0, -1] if number == 8 else [-1, 0, 0, 0, 1, 1, 2, 3]
    judgments[query] = {p: draw.choice(grades) for p in draw.sample(ids, 18)}
    if number == 9:
        continue
    found = draw.sample(ids, draw.choice([2, 12, 30, len(ids)]))
    run[query] = {p: draw.choice([0.5, 0.25, 1.0, 1.0 + 1e-9, 1.0 + 1e-6, -2.0, draw.random()]) for p in found}

expected = {}


def keep(name, values, key):
    expected[name] = {query: values[query][key] if query in values else 0.0 for query in judgments}


for level in [1, 2]:
    names = {f"{measure}.{','.join(map(str, RANKS))}" for measure in CUTOFFS.values()} | set(WHOLE.values())
    values = pytrec_eval.RelevanceEvaluator(judgments, names, relevance_level=level).evaluate(run)
    mark = "" if level == 1 else f"(rel={level})"
    for ours, theirs in WHOLE.items():
        if ours != "nDCG" or level == 1:
            keep(f"{ours}{mark}", values, theirs)
    for ours, theirs in CUTOFFS.items():
        if ours != "nDCG" or level == 1:
            for k in RANKS:
                keep(f"{ours}{mark}@{k}", values, f"{theirs}_{k}")

OUT.mkdir(parents=True, exist_ok=True)
with open(OUT / "qrels.txt", "w", encoding="utf-8") as file:
    for query, grades in judgments.items():
        for passage, grade in grades.items():
            file.write(f"{query} 0 {passage} {grade}\n")
with open(OUT / "run.txt", "w", encoding="utf-8") as file:
    for query, scores in run.items():
        for passage, score in scores.items():
            file.write(f"{query} Q0 {passage} 0 {score!r} random\n")
with open(OUT / "expected.json", "w", encoding="utf-8") as file:
    json.dump(expected, file, indent=1)
    file.write("\n")
