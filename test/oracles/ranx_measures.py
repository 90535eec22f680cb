"""Golden measures and paired t tests, by ranx, on two random runs without ties.

Writes test/fixtures/ranx: qrels.txt, a.txt, b.txt and expected.json (run -> measure -> mean; p of Student's test).

    python test/oracles/ranx_measures.py
"""
import json
import pathlib
import random

from ranx import Qrels, Run, compare, evaluate

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "ranx"
NAMES = {
    "nDCG@10": "ndcg@10", "AP": "map", "AP@5": "map@5", "RR": "mrr", "RR@3": "mrr@3", "R@5": "recall@5",
    "P@5": "precision@5", "Rprec": "r-precision", "Success@2": "hit_rate@2",
}
draw = random.Random(21)
ids = [f"p{n}" for n in range(40)]
judgments, runs = {}, {"a": {}, "b": {}}
for number in range(25):
    query = f"q{number}"
    judgments[query] = {p: draw.choice([1, 1, 2, 3]) for p in draw.sample(ids, draw.choice([1, 2, 6]))}
    for name, lift in [("a", 0.1), ("b", 0.4)]:
        found = draw.sample(ids, 25)
        runs[name][query] = {p: draw.random() + lift * (p in judgments[query]) for p in found}

qrels = Qrels(judgments)
systems = {name: Run(scores, name=name) for name, scores in runs.items()}
means = {
    name: {ours: float(evaluate(qrels, run, theirs)) for ours, theirs in NAMES.items()}
    for name, run in systems.items()
}
report = compare(qrels, list(systems.values()), list(NAMES.values()), stat_test="student", max_p=0.05)
p = {ours: float(report.comparisons["a", "b"][theirs]["p_value"]) for ours, theirs in NAMES.items()}
OUT.mkdir(parents=True, exist_ok=True)
with open(OUT / "qrels.txt", "w") as file:
    file.writelines(f"{q} 0 {d} {g}\n" for q, grades in judgments.items() for d, g in grades.items())
for name, scores in runs.items():
    with open(OUT / f"{name}.txt", "w") as file:
        file.writelines(f"{q} Q0 {d} 0 {s!r} {name}\n" for q, of in scores.items() for d, s in of.items())
with open(OUT / "expected.json", "w") as file:
    json.dump({"means": means, "p": p}, file, indent=1)
    file.write("\n")
