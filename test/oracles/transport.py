"""Golden values for src/transport: POT for exact, balanced and unbalanced transport, numpy for IPOT.

Writes test/fixtures/transport/*.json. Needs numpy and POT (`pip install numpy pot`); run from the
repository root: python test/oracles/transport.py
"""

import json
from pathlib import Path

import numpy as np
import ot

OUT = Path("test/fixtures/transport")


def unit(rng, count, dim):
    vectors = rng.standard_normal((count, dim))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def weights(rng, count, uniform):
    mass = np.ones(count) if uniform else rng.uniform(0.1, 1.0, count)
    return mass / mass.sum()


def ipot(a, b, cost, beta, iterations):
    """Algorithm 1 of Xie et al. 2020 with L = 1, as printed."""
    plan = np.ones_like(cost)
    s = np.full(len(b), 1.0 / len(b))
    gibbs = np.exp(-cost / beta)
    for _ in range(iterations):
        q = gibbs * plan
        d = a / (q @ s)
        s = b / (q.T @ d)
        plan = d[:, None] * q * s[None, :]
    return plan


def listed(array):
    return [float(f"{value:.12g}") for value in np.asarray(array).ravel()]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    cases = [("square", 5, 5, 8, True), ("wide", 4, 9, 16, False), ("tall", 12, 7, 6, False)]
    for seed, (name, m, n, dim, uniform) in enumerate(cases):
        rng = np.random.default_rng(seed)
        t, s = unit(rng, m, dim), unit(rng, n, dim)
        a, b = weights(rng, m, uniform), weights(rng, n, uniform)
        cost = 1.0 - t @ s.T
        epsilon, tau, beta, steps = 0.1, 0.5, 0.4, 60
        balanced = ot.bregman.sinkhorn_log(a, b, cost, epsilon, numItermax=100000, stopThr=1e-13)
        unbalanced = ot.unbalanced.sinkhorn_unbalanced(
            a, b, cost, epsilon, tau, method="sinkhorn", reg_type="entropy", numItermax=100000, stopThr=1e-14
        )
        emd = ot.emd(a, b, cost)
        fixture = {
            "m": m, "n": n, "dim": dim,
            "source": listed(t), "target": listed(s), "a": listed(a), "b": listed(b), "cost": listed(cost),
            "exact": {"cost": float((emd * cost).sum())},
            "sinkhorn": {"epsilon": epsilon, "plan": listed(balanced)},
            "unbalanced": {"epsilon": epsilon, "tau": tau, "plan": listed(unbalanced)},
            "ipot": {"beta": beta, "iterations": steps, "plan": listed(ipot(a, b, cost, beta, steps))},
        }
        (OUT / f"{name}.json").write_text(json.dumps(fixture) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
