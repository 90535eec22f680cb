"""Golden values of significance tests, by SciPy.

Writes test/fixtures/significance/expected.json.

    python test/oracles/significance.py
"""
import json
import pathlib

import numpy as np
from scipy import special, stats

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "significance"
rng = np.random.default_rng(3)
cases = []
for n, shift in [(2, 0.1), (8, 0.05), (30, 0.04), (120, 0.0), (120, 0.03)]:
    a = np.round(np.clip(rng.normal(0.55 + shift, 0.2, n), 0, 1), 4)
    b = np.round(np.clip(a - shift + rng.normal(0, 0.08, n), 0, 1), 4)
    b[:: max(2, n // 5)] = a[:: max(2, n // 5)]  # some queries are equal
    t = stats.ttest_rel(a, b)
    exact = n <= 8
    randomised = stats.permutation_test(
        (a, b), lambda x, y: np.mean(x - y), permutation_type="samples",
        n_resamples=np.inf if exact else 200_000, rng=np.random.default_rng(5), batch=5000,
    )
    tost = {}
    for margin in [0.01, 0.02, 0.05]:
        tost[str(margin)] = {
            "notWorse": stats.ttest_1samp(a - b, -margin, alternative="greater").pvalue,
            "notBetter": stats.ttest_1samp(a - b, margin, alternative="less").pvalue,
        }
    groups = np.arange(n) // 3  # clusters of three values, the last one smaller
    sums = np.bincount(groups, weights=a - b)
    counts = np.bincount(groups)
    drawn = rng.integers(0, len(sums), (100_000, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    cases.append({
        "a": a.tolist(), "b": b.tolist(), "t": t.statistic, "p": t.pvalue,
        "randomisation": randomised.pvalue, "tost": tost,
        "bootstrap": np.quantile(means, [0.025, 0.975]).tolist(),
    })

tails = [[t, f, stats.t.sf(t, f)] for t in [-3.0, 0.0, 0.2, 1.0, 2.5, 8.0, 40.0] for f in [1, 2, 7, 30, 1000, 50000]]
betas = [[x, a, b, special.betainc(a, b, x)]
         for x in [1e-6, 0.1, 0.5, 0.9, 0.999] for a, b in [(0.5, 0.5), (3, 0.5), (40, 2), (500, 0.5)]]
OUT.mkdir(parents=True, exist_ok=True)
with open(OUT / "expected.json", "w") as file:
    json.dump({"cases": cases, "tails": tails, "betas": betas}, file)
    file.write("\n")
