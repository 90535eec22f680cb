"""One training step in PyTorch (float32, CPU), to set beside bench/step.ts. Prints one JSON line.

    python bench/step_torch.py --layers 4 --hidden 256 --batch 64 --tokens 32

Needs torch and transformers; Refract itself does not.
"""
import argparse
import json
import resource
import statistics
import time

import torch
from transformers import BertConfig, BertModel

parser = argparse.ArgumentParser()
for name, default in dict(layers=4, hidden=256, batch=64, tokens=32, vocab=16000, steps=20, threads=2).items():
    parser.add_argument(f"--{name}", type=int, default=default)
parser.add_argument("--fused", action="store_true", help="AdamW's fused CPU kernel (faster than the default)")
a = parser.parse_args()
torch.manual_seed(1)
torch.set_num_threads(a.threads)
dim = 128
config = BertConfig(
    vocab_size=a.vocab, hidden_size=a.hidden, num_hidden_layers=a.layers, num_attention_heads=a.hidden // 64,
    intermediate_size=4 * a.hidden, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)
model = BertModel(config, add_pooling_layer=False)
head = torch.nn.Linear(a.hidden, dim, bias=False)
parameters = [*model.parameters(), *head.parameters()]
optimiser = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.01, fused=a.fused)
ids = torch.randint(0, a.vocab, (a.batch, a.tokens))
mask = torch.ones_like(ids)
target = torch.nn.functional.normalize(torch.randn(a.batch, a.tokens, dim), dim=-1)
times = []
for n in range(a.steps + 3):
    start = time.perf_counter()
    vectors = torch.nn.functional.normalize(head(model(ids, attention_mask=mask).last_hidden_state), dim=-1)
    loss = -(vectors * target).sum(-1).mean()
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    middle = time.perf_counter()
    optimiser.step()
    if n >= 3:
        times.append(((time.perf_counter() - start) * 1000, (middle - start) * 1000))
print(json.dumps(dict(
    engine="torch " + torch.__version__ + (" fused AdamW" if a.fused else ""), layers=a.layers, hidden=a.hidden,
    batch=a.batch, tokens=a.tokens, threads=a.threads,
    milliseconds=statistics.median(t for t, _ in times), forwardBackward=statistics.median(t for _, t in times),
    peakMiB=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, loss=loss.item(),
)))
