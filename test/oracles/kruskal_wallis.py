"""Golden values of the Kruskal-Wallis test and of chi-square tails, by SciPy.

Writes test/fixtures/kruskal-wallis/expected.json.

    python test/oracles/kruskal_wallis.py
"""
import json
import pathlib

import numpy as np
from scipy import stats

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "kruskal-wallis"
rng = np.random.default_rng(9)
cases = []
for sizes, top in [([3, 3], 100), ([5, 2, 9], 6), ([20, 30], 1000), ([4, 4, 4, 4], 3), ([50, 1, 10, 7, 12], 40)]:
    groups = [rng.integers(0, top, size).tolist() for size in sizes]
    h, p = stats.kruskal(*groups)
    cases.append({"groups": groups, "h": h, "p": p})
tails = [[x, f, stats.chi2.sf(x, f)] for x in [1e-6, 0.1, 0.9, 2.0, 7.5, 30.0, 200.0] for f in [1, 2, 3, 10, 55]]
OUT.mkdir(parents=True, exist_ok=True)
with open(OUT / "expected.json", "w") as file:
    json.dump({"cases": cases, "tails": tails}, file)
    file.write("\n")
