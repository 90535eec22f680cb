"""Small random retrievers saved by the tools they belong to, and the token vectors these tools compute.

Writes test/fixtures/layouts/NAME/, each with golden.json: texts, their token vectors and the MaxSim of every query with
every passage. Stanford's ColBERT and PyLate ask for another sentence-transformers than MultiVectorEncoder, so that a
name is made by the Python that has its library:

    python test/oracles/layouts.py stanford     colbert-ai      HF_ColBERT, [MASK] not attended to
    python test/oracles/layouts.py pylate       pylate          one dense layer, PyLate's defaults
    python test/oracles/layouts.py pylate-deep  pylate          two dense layers, bias, residual, no expansion, lower case
    python test/oracles/layouts.py multi-vector sentence-transformers (6)  text prompts, [MASK] attended to, least length
    python test/oracles/layouts.py sharded      transformers    an encoder in shards of at most 10 KB, bfloat16

The same of the other families (layout_encoders.py), NAME-FAMILY, where the library opens them:

    stanford-xlm-roberta      no [unused0] in the vocabulary: <unk> marks queries and passages
    stanford-roberta          the same; <mask> attended to
    stanford-modernbert       the same; [MASK] attended to: tokens without such neighbours are another matter by version
    pylate-xlm-roberta        <mask> attended to, a skip list of its own
    pylate-roberta            no expansion, a default prompt
    pylate-distilbert         markers of the vocabulary
    pylate-modernbert         PyLate's defaults
    multi-vector-xlm-roberta  a bias, text prompts, no expansion
    multi-vector-modernbert   [MASK] up to a fixed length, not attended to

The other way round, it opens a folder that Refract exported and compares what the tool computes, in float32, with what
Refract recorded in a file like golden.json. Prints the largest absolute differences; fails above 1e-4.

    python test/oracles/layouts.py open stanford|pylate|multi-vector FOLDER RECORDED.json
"""

import json
import sys
import tempfile
from pathlib import Path

from layout_encoders import HIDDEN, PASSAGES, QUERIES, encoder, word_piece

# Beside this file lies a colbert.py, which would be taken for Stanford's package.
sys.path = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).parent.resolve()]

import torch
from transformers import BertModel

OUT = Path("test/fixtures/layouts")


def record(name: str, queries: list[torch.Tensor], passages: list[torch.Tensor]) -> None:
    def plain(vectors: list[torch.Tensor]) -> list[list[list[float]]]:
        return [[[round(x, 6) for x in row] for row in each.tolist()] for each in vectors]

    scores = [[(q @ p.T).max(dim=1).values.sum().item() for p in passages] for q in queries]
    golden = {
        "queries": [{"text": t, "vectors": v} for t, v in zip(QUERIES, plain(queries))],
        "passages": [{"text": t, "vectors": v} for t, v in zip(PASSAGES, plain(passages))],
        "scores": [[round(score, 6) for score in row] for row in scores],
    }
    (OUT / name / "golden.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
    for extra in ("README.md", "generation_config.json"):
        (OUT / name / extra).unlink(missing_ok=True)


def stanford(name: str, base: str, **options: object) -> None:
    from colbert.infra import ColBERTConfig
    from colbert.modeling.base_colbert import BaseColBERT

    settings = ColBERTConfig(dim=8, query_maxlen=16, doc_maxlen=28, root="experiments", checkpoint=base, **options)
    torch.manual_seed(12)
    model = BaseColBERT(base, colbert_config=settings)
    if model.model.config.model_type == "modernbert":
        # Its class leaves a layer that it does not know as memory was.
        torch.nn.init.normal_(model.linear.weight, std=0.3)
    model.save(str(OUT / name))
    # What is saved of the run says where this was made.
    metadata = OUT / name / "artifact.metadata"
    content = json.loads(metadata.read_text())
    kept = ("dim", "doc_maxlen", "query_maxlen", "mask_punctuation", "attend_to_mask_tokens", "interaction", "similarity",
            "query_token_id", "doc_token_id", "query_token", "doc_token", "nbits", "bsize")
    metadata.write_text(json.dumps({key: content[key] for key in kept if key in content}, indent=4) + "\n")
    record(name, *by_stanford(str(OUT / name), QUERIES, PASSAGES))


def by_stanford(folder: str, queries: list[str], passages: list[str]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    from colbert.infra import ColBERTConfig
    from colbert.modeling.checkpoint import Checkpoint
    from colbert.modeling.colbert import ColBERT

    ColBERT.loaded_extensions = True  # its C++ kernels of search are not needed, and not compiled
    model = Checkpoint(folder, colbert_config=ColBERTConfig(checkpoint=folder), verbose=0)
    model.model.float()
    with torch.no_grad():
        encoded = [model.docFromText([text], keep_dims=False)[0] for text in passages]
        return list(model.queryFromText(queries)), encoded


def pylate(name: str, base: str, **options: object) -> None:
    from pylate import models

    torch.manual_seed(12)
    model = models.ColBERT(base, embedding_size=8, query_length=16, document_length=28, device="cpu", **options)
    model.save(str(OUT / name))
    record(name, *by_pylate(str(OUT / name), QUERIES, PASSAGES))


def pylate_deep(name: str, base: str) -> None:
    from pylate import models
    from sentence_transformers.models import Transformer

    torch.manual_seed(12)
    first = models.Dense(HIDDEN, 12, bias=True, use_residual=True)
    second = models.Dense(12, 8, bias=False)
    modules = [Transformer(base, do_lower_case=True), first, second]
    torch.nn.init.normal_(first.linear.bias)
    model = models.ColBERT(
        modules=modules,
        device="cpu",
        query_length=12,
        document_length=20,
        query_prefix="[unused0]",
        document_prefix="",
        do_query_expansion=False,
        skiplist_words=["(", ")", "the", "।", "not a token"],
    )
    model.save(str(OUT / name))
    record(name, *by_pylate(str(OUT / name), QUERIES, PASSAGES))


def by_pylate(folder: str, queries: list[str], passages: list[str]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    from pylate import models

    model = models.ColBERT(folder, device="cpu", model_kwargs={"dtype": torch.float32})
    options = {"convert_to_tensor": True, "batch_size": 1, "show_progress_bar": False}
    return model.encode(queries, is_query=True, **options), model.encode(passages, is_query=False, **options)


def multi_vector(
    name: str, base: str, expansion: dict | None, bias: bool, query_length: int = 18, prompts: dict[str, str] = {}
) -> None:
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.base.modules.dense import Dense
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

    torch.manual_seed(12)
    modules = [
        Transformer(base, query_length=query_length, document_length=28, query_expansion=expansion),
        Dense(HIDDEN, 8, bias=bias, activation_function=torch.nn.Identity(), module_input_name="token_embeddings"),
        MultiVectorMask(skiplist_words=[".", ",", "!", "?", ";"]),
        Normalize(module_input_name="token_embeddings"),
    ]
    MultiVectorEncoder(modules=modules, prompts=prompts, device="cpu").save(str(OUT / name))
    record(name, *by_multi_vector(str(OUT / name), QUERIES, PASSAGES))


def by_multi_vector(folder: str, queries: list[str], passages: list[str]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    from sentence_transformers import MultiVectorEncoder

    model = MultiVectorEncoder(folder, device="cpu", model_kwargs={"dtype": torch.float32})
    options = {"convert_to_numpy": False, "batch_size": 1}
    return model.encode_query(queries, **options), model.encode_document(passages, **options)


def compare(tool: str, folder: str, recorded_path: str) -> int:
    by = {"stanford": by_stanford, "pylate": by_pylate, "multi-vector": by_multi_vector}[tool]
    recorded = json.loads(Path(recorded_path).read_text(encoding="utf-8"))
    texts = [[each["text"] for each in recorded[kind]] for kind in ("queries", "passages")]
    queries, passages = by(folder, *texts)

    def apart(ours: list, theirs: torch.Tensor) -> float:
        ours = torch.tensor(ours)
        return (ours - theirs).abs().max().item() if ours.shape == theirs.shape else float("inf")

    pairs = zip(recorded["queries"] + recorded["passages"], [*queries, *passages])
    scores = torch.tensor([[(q @ p.T).max(dim=1).values.sum() for p in passages] for q in queries])
    report = {"vectors": max(apart(a["vectors"], b) for a, b in pairs), "scores": apart(recorded["scores"], scores)}
    print(json.dumps(report))
    return 0 if max(report.values()) <= 1e-4 else 1


def sharded(name: str, base: str) -> None:
    model = BertModel.from_pretrained(base, add_pooling_layer=False, dtype=torch.bfloat16)
    model.save_pretrained(OUT / name, max_shard_size="10KB")
    word_piece().save_pretrained(OUT / name)


TEXT_PROMPTS = {"query": "the query: ", "document": "omi "}
# By name: the family of the encoder, what makes it a retriever, and its settings.
MAKERS = {
    "stanford": ("bert", stanford, {}),
    "stanford-xlm-roberta": ("xlm-roberta", stanford, {}),
    "stanford-roberta": ("roberta", stanford, {"attend_to_mask_tokens": True}),
    "stanford-modernbert": ("modernbert", stanford, {"attend_to_mask_tokens": True}),
    "pylate": ("bert", pylate, {}),
    "pylate-xlm-roberta": (
        "xlm-roberta",
        pylate,
        {"attend_to_expansion_tokens": True, "skiplist_words": ["▁", ".", ",", "।", "not a token"]},
    ),
    "pylate-roberta": ("roberta", pylate, {"do_query_expansion": False, "prompts": {"all": " the "}, "default_prompt_name": "all"}),
    "pylate-distilbert": ("distilbert", pylate, {"query_prefix": "[unused0]", "document_prefix": "[unused1]"}),
    "pylate-modernbert": ("modernbert", pylate, {}),
    "pylate-deep": ("bert", pylate_deep, {}),
    "multi-vector": (
        "bert",
        multi_vector,
        {"bias": True, "expansion": {"strategy": "min", "attend": True, "length": 10}, "prompts": TEXT_PROMPTS},
    ),
    "multi-vector-xlm-roberta": ("xlm-roberta", multi_vector, {"bias": True, "expansion": None, "prompts": TEXT_PROMPTS}),
    "multi-vector-modernbert": (
        "modernbert",
        multi_vector,
        {"bias": False, "expansion": {"strategy": "fixed", "attend": False, "token": "[MASK]", "length": 18}},
    ),
    "sharded": ("bert", sharded, {}),
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["open"]:
        sys.exit(compare(*sys.argv[2:]))
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for name in sys.argv[1:]:
            family, make, options = MAKERS[name]
            make(name, encoder(Path(place) / name, family), **options)
