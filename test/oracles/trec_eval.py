"""Golden values of trec_eval's less common measures, by trec_eval's own code (pytrec-eval-terrier).

Reads qrels.txt and run.txt of test/fixtures/measures (see measures.py) and writes test/fixtures/trec-eval:
expected.json (setting -> label -> query -> value, for queries that have results).

    python test/oracles/trec_eval.py
"""
import json
import pathlib

import pytrec_eval

FIXTURES = pathlib.Path(__file__).parent.parent / "fixtures"
# iprec_at_recall, 11pt_avg, rbp and unj are other or new in trec_eval 10; its own outputs check those.
NAMES = {
    "num_ret", "num_rel", "num_rel_ret", "map", "Rprec", "bpref", "recip_rank", "P.1,3,7", "recall.3,9", "infAP",
    "Rprec_mult.0.3,0.5,1.7", "utility", "binG", "G", "ndcg", "ndcg_rel", "Rndcg", "ndcg_cut.2,4", "map_cut.2,20",
    "relative_P.2,5,20", "success.1,2", "set_P", "set_relative_P", "set_recall", "set_map", "set_F",
    "num_nonrel_judged_ret",
}

judgments, run = {}, {}
for line in open(FIXTURES / "measures" / "qrels.txt", encoding="utf-8"):
    query, _, passage, grade = line.split()
    judgments.setdefault(query, {})[passage] = int(grade)
for line in open(FIXTURES / "measures" / "run.txt", encoding="utf-8"):
    query, _, passage, _, score, _ = line.split()
    run.setdefault(query, {})[passage] = float(score)

expected = {}
for setting, options in {
    "-l1": {}, "-l2": {"relevance_level": 2}, "-J": {"judged_docs_only_flag": True},
}.items():
    values = pytrec_eval.RelevanceEvaluator(judgments, NAMES, **options).evaluate(run)
    expected[setting] = {
        label: {query: values[query][label] for query in values} for label in sorted(next(iter(values.values())))
    }

(FIXTURES / "trec-eval").mkdir(parents=True, exist_ok=True)
with open(FIXTURES / "trec-eval" / "expected.json", "w", encoding="utf-8") as file:
    json.dump(expected, file, indent=1)
    file.write("\n")
