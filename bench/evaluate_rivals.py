"""The rivals of bench/evaluate.ts: trec_eval's C code by way of pytrec_eval, and ranx. Started by that script.

    python bench/evaluate_rivals.py "trec_eval"|"trec_eval files"|"ranx" FOLDER

Prints a line when the data are loaded, then a line of JSON for each line on standard input.
Needs pytrec-eval-terrier and ranx; Refract itself does not.
"""
import gc
import json
import statistics
import sys
import time

name, folder = sys.argv[1:]
RUN, QRELS = f"{folder}/run.txt", f"{folder}/qrels.txt"
# In the order of bench/evaluate.ts.
PRINTED = ["map", "ndcg_cut_10", "ndcg", "recall_100", "recip_rank", "P_10", "Rprec"]
ASKED = {"map", "ndcg_cut.10", "ndcg", "recall.100", "recip_rank", "P.10", "Rprec"}
BY_RANX = ["map", "ndcg@10", "ndcg", "recall@100", "mrr", "precision@10", "r-precision"]


def trec_eval_load():
    import pytrec_eval

    with open(QRELS) as file:
        qrels = pytrec_eval.parse_qrel(file)
    with open(RUN) as file:
        run = pytrec_eval.parse_run(file)
    return pytrec_eval.RelevanceEvaluator(qrels, ASKED), run


def trec_eval_means(values):
    return [statistics.fmean(topic[measure] for topic in values.values()) for measure in PRINTED]


loading = time.perf_counter()
if name == "trec_eval":
    evaluator, run = trec_eval_load()
    turn = lambda: evaluator.evaluate(run)
    means = trec_eval_means
elif name == "trec_eval files":
    import pytrec_eval  # noqa: F401  loading the library is not timed

    def turn():
        evaluator, run = trec_eval_load()
        return evaluator.evaluate(run)

    means = trec_eval_means
else:
    import ranx

    qrels, run = ranx.Qrels.from_file(QRELS, kind="trec"), ranx.Run.from_file(RUN, kind="trec")
    turn = lambda: ranx.evaluate(qrels, run, BY_RANX, threads=1)
    means = lambda values: [float(values[measure]) for measure in BY_RANX]
    turn()
gc.collect()
gc.freeze()  # what is loaded is not walked again by the collector during a turn
print(f"{time.perf_counter() - loading:.1f} s", flush=True)
for _ in sys.stdin:
    start, used = time.perf_counter(), time.process_time()
    values = turn()
    answer = dict(seconds=time.perf_counter() - start, processor=time.process_time() - used)
    print(json.dumps(answer | dict(means=means(values))), flush=True)
    del values
