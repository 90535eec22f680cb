"""Golden values of the losses of bitext baselines and their gradients (PyTorch, float64).

Sentence-level distillation: mean squared distance of mean token vectors. Contrastive: cross-entropy over MaxSim.

    python test/oracles/bitext.py > test/fixtures/bitext/golden.json
"""
import json

import torch

torch.manual_seed(11)
N, n, m, dim, temperature = 4, 5, 6, 8, 0.3
lengths, passage_lengths = [5, 3, 4, 2], [6, 4, 5]
targets = [0, 1, 1, 2]
raw = torch.randn(N, n, dim, dtype=torch.float64, requires_grad=True)
teacher = torch.nn.functional.normalize(torch.randn(len(passage_lengths), m, dim, dtype=torch.float64), dim=-1)
means = torch.randn(N, dim, dtype=torch.float64) * 0.3
unit = lambda x: torch.nn.functional.normalize(x, dim=-1)


def sentence():
    student = unit(raw)
    pooled = torch.stack([student[k, :length].mean(0) for k, length in enumerate(lengths)])
    return torch.nn.functional.mse_loss(pooled, means, reduction="sum") / N


def contrastive():
    student = unit(raw)
    scores = torch.stack([
        torch.stack([
            (student[q, :length] @ teacher[p, :width].T).max(1).values.sum() for p, width in enumerate(passage_lengths)
        ])
        for q, length in enumerate(lengths)
    ])
    return torch.nn.functional.cross_entropy(scores / temperature, torch.tensor(targets))


cases = {}
for name, loss_of in {"sentence": sentence, "contrastive": contrastive}.items():
    raw.grad = None
    loss = loss_of()
    loss.backward()
    cases[name] = dict(loss=loss.item(), gradient=raw.grad.flatten().tolist())
print(json.dumps(dict(
    N=N, n=n, m=m, dim=dim, temperature=temperature, lengths=lengths, passageLengths=passage_lengths, targets=targets,
    raw=raw.flatten().tolist(), teacher=teacher.flatten().tolist(), means=means.flatten().tolist(), cases=cases,
)))
