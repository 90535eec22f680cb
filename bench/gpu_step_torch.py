"""Training steps in PyTorch, to set beside bench/gpu-step.ts. Prints one JSON line.

    python bench/gpu_step_torch.py --task optical --device cuda [--mixed-precision]

Needs torch and transformers; Refract itself does not. Mixed precision is torch.autocast(float16) with GradScaler.
The word table's gradient is dense, and AdamW fused, as is usual there.
"""
import argparse
import json
import math
import statistics
import time

import torch
from torch.nn.functional import cross_entropy, normalize
from transformers import BertConfig, BertModel

parser = argparse.ArgumentParser()
parser.add_argument("--task", choices=["colbert", "optical"], default="colbert")
parser.add_argument("--device", default="cuda")
parser.add_argument("--mixed-precision", action="store_true")
sizes = dict(layers=12, hidden=768, vocab=119547, batch=32, tokens=32, steps=30, threads=0)
for name, default in {**sizes, "passage-tokens": 128}.items():
    parser.add_argument(f"--{name}", type=int, default=default)
a = parser.parse_args()
torch.manual_seed(1)
if a.threads:
    torch.set_num_threads(a.threads)
dim, warm_up = 128, 3
config = BertConfig(
    vocab_size=a.vocab, hidden_size=a.hidden, num_hidden_layers=a.layers, num_attention_heads=a.hidden // 64,
    intermediate_size=4 * a.hidden, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)
model = BertModel(config, add_pooling_layer=False).to(a.device)
head = torch.nn.Linear(a.hidden, dim, bias=False).to(a.device)
parameters = [*model.parameters(), *head.parameters()]
optimiser = torch.optim.AdamW(parameters, lr=1e-5, weight_decay=0.01, fused=True)
scaler = torch.amp.GradScaler(a.device, enabled=a.mixed_precision)
passages, anchors = 2 * a.batch, math.ceil(a.batch / 2)


def encode(ids):
    mask = torch.ones_like(ids)
    return normalize(head(model(ids, attention_mask=mask).last_hidden_state).float(), dim=-1)


def ids(count, length):
    return torch.randint(0, a.vocab, (count, length)).to(a.device)


def units(*shape):
    return normalize(torch.randn(*shape, dim), dim=-1).to(a.device)


def colbert():
    query, passage = ids(a.batch, a.tokens), ids(passages, a.passage_tokens)

    def loss():
        q, p = encode(query), encode(passage)
        scores = torch.einsum("qid,pjd->qpij", q, p).amax(-1).sum(-1)
        return cross_entropy(scores.float(), 2 * torch.arange(a.batch, device=a.device))

    return loss


def optical():
    pair, teacher = ids(a.batch, a.tokens), units(a.batch, a.tokens)
    anchor, anchor_teacher = ids(anchors, a.tokens), units(anchors, a.tokens)
    mass = torch.full((a.batch, a.tokens), -math.log(a.tokens), device=a.device)

    def loss():
        cost = 1 - teacher @ encode(pair).transpose(1, 2)
        with torch.no_grad():
            kernel = -cost.float() / 0.05
            f, g = torch.zeros_like(mass), torch.zeros_like(mass)
            for _ in range(20):
                f = mass - torch.logsumexp(kernel + g[:, None, :], 2)
                g = mass - torch.logsumexp(kernel + f[:, :, None], 1)
            plan = torch.exp(kernel + f[:, :, None] + g[:, None, :])
        kept = 1 - (encode(anchor) * anchor_teacher).sum(-1)
        return (plan * cost).sum((1, 2)).mean() + kept.mean()

    return loss


def wait():
    if a.device.startswith("cuda"):
        torch.cuda.synchronize()


times = []
for n in range(a.steps + warm_up):
    objective = colbert() if a.task == "colbert" else optical()
    wait()
    start = time.perf_counter()
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast(a.device.split(":")[0], torch.float16, enabled=a.mixed_precision):
        loss = objective()
    scaler.scale(loss).backward()
    scaler.unscale_(optimiser)
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    scaler.step(optimiser)
    scaler.update()
    value = loss.item()
    wait()
    if n >= warm_up:
        times.append((time.perf_counter() - start) * 1000)
milliseconds = statistics.median(times)
tokens = a.batch * a.tokens + (passages * a.passage_tokens if a.task == "colbert" else anchors * a.tokens)
print(json.dumps(dict(
    engine="torch " + torch.__version__, task=a.task,
    device=torch.cuda.get_device_name() if a.device.startswith("cuda") else a.device,
    precision="mixed" if a.mixed_precision else "float32", layers=a.layers, hidden=a.hidden, vocab=a.vocab,
    batch=a.batch, stepsPerSecond=1000 / milliseconds, tokensPerSecond=1000 * tokens / milliseconds,
    milliseconds=milliseconds, loss=value,
)))
