"""Golden values of OPTICAL's loss and gradient (PyTorch, float64): plan by log-domain Sinkhorn, held fixed or not.

    python test/oracles/optical.py > test/fixtures/optical/golden.json
"""
import json

import torch

torch.manual_seed(5)
N, m, n, dim = 3, 5, 4, 6
epsilon, iterations = 0.1, 30
lengths_a, lengths_b = [5, 3, 4], [4, 4, 2]
teacher = torch.nn.functional.normalize(torch.randn(N, m, dim, dtype=torch.float64), dim=-1)
raw = torch.randn(N, n, dim, dtype=torch.float64, requires_grad=True)


def loss_of(through_plan, unbalanced_tau=None):
    student = torch.nn.functional.normalize(raw, dim=-1)
    total = 0
    for k in range(N):
        la, lb = lengths_a[k], lengths_b[k]
        cost = 1 - teacher[k, :la] @ student[k, :lb].T
        c = cost if through_plan else cost.detach()
        log_a = torch.full((la, 1), -torch.log(torch.tensor(float(la))).item(), dtype=torch.float64)
        log_b = torch.full((1, lb), -torch.log(torch.tensor(float(lb))).item(), dtype=torch.float64)
        f, g = torch.zeros_like(log_a), torch.zeros_like(log_b)
        damping = 1.0 if unbalanced_tau is None else unbalanced_tau / (unbalanced_tau + epsilon)
        for _ in range(iterations):
            f = damping * (log_a - torch.logsumexp(g - c / epsilon, 1, keepdim=True))
            g = damping * (log_b - torch.logsumexp(f - c / epsilon, 0, keepdim=True))
        plan = torch.exp(f + g - c / epsilon)
        total = total + (plan * cost).sum()
    return total / N


cases = {}
for name, args in {"detached": (False,), "through": (True,), "unbalanced": (False, 0.5)}.items():
    raw.grad = None
    loss = loss_of(*args)
    loss.backward()
    cases[name] = dict(loss=loss.item(), gradient=raw.grad.flatten().tolist())
print(json.dumps(dict(
    N=N, m=m, n=n, dim=dim, epsilon=epsilon, tau=0.5, iterations=iterations, lengthsA=lengths_a, lengthsB=lengths_b,
    teacher=teacher.flatten().tolist(), raw=raw.flatten().tolist(), cases=cases,
)))
