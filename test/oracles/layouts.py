"""Small random retrievers saved by the tools they belong to, and the token vectors these tools compute.

Writes test/fixtures/layouts/NAME/, each with golden.json: texts, their token vectors and the MaxSim of every query with
every passage. Stanford's ColBERT and PyLate ask for another sentence-transformers than MultiVectorEncoder, so that a
name is made by the Python that has its library:

    python test/oracles/layouts.py stanford     colbert-ai      HF_ColBERT, [MASK] not attended to
    python test/oracles/layouts.py pylate       pylate          one dense layer, PyLate's defaults
    python test/oracles/layouts.py pylate-deep  pylate          two dense layers, bias, residual, no expansion, lower case
    python test/oracles/layouts.py multi-vector sentence-transformers (6)  text prompts, [MASK] attended to, least length
    python test/oracles/layouts.py sharded      transformers    an encoder in shards of at most 10 KB, bfloat16

The other way round, it opens a folder that Refract exported and compares what the tool computes, in float32, with what
Refract recorded in a file like golden.json. Prints the largest absolute differences; fails above 1e-4.

    python test/oracles/layouts.py open stanford|pylate|multi-vector FOLDER RECORDED.json
"""

import json
import sys
import tempfile
from pathlib import Path

# Beside this file lies a colbert.py, which would be taken for Stanford's package.
sys.path = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).parent.resolve()]

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

OUT = Path("test/fixtures/layouts")
QUERIES = [
    "Where is the market?",
    "soko ni wapi, na maji?",
    "पानी कहाँ है?",
    "ما هو الماء",
    "Níbo ni ọjà wà? " * 4,
    "",
]
PASSAGES = [
    "Boil the water, for one minute.",
    "Ẹ sè omi fún ìṣẹ́jú kan kí ẹ tó mu ún!",
    "पानी को एक मिनट तक उबालें। और फिर पिएँ",
    "اغلِ الماء، دقيقة واحدة.",
    "ต้มน้ำหนึ่งนาทีก่อนดื่ม",
    "Market days (Tuesday); water -- and ماء. " * 3,
]
FIRST = ["[PAD]", "[unused0]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
HIDDEN = 24


def tokenizer() -> PreTrainedTokenizerFast:
    split = pre_tokenizers.BertPreTokenizer()
    clean = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    texts = QUERIES + PASSAGES + [text.lower() for text in QUERIES + PASSAGES]
    pieces = [word for text in texts for word, _ in split.pre_tokenize_str(clean.normalize_str(text))]
    letters = sorted({letter for piece in pieces for letter in piece})
    # Letters of Thai are left out, so that [UNK] occurs.
    letters = [letter for letter in letters if not "\u0e00" <= letter <= "\u0e7f"]
    words = "the water market minute omi ọjà पानी الماء".split()
    vocabulary = [*FIRST, *letters, *(f"##{letter}" for letter in letters), *words]
    inner = Tokenizer(
        models.WordPiece({token: i for i, token in enumerate(dict.fromkeys(vocabulary))}, unk_token="[UNK]")
    )
    inner.normalizer, inner.pre_tokenizer, inner.decoder = clean, split, decoders.WordPiece()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, FIRST.index(token)) for token in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        unk_token="[UNK]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        mask_token="[MASK]",
        model_max_length=64,
    )


def bert_config(vocabulary: int) -> BertConfig:
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=HIDDEN,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        # Larger than usual, so that texts differ by more than their markers.
        initializer_range=0.3,
    )


def encoder(folder: Path) -> str:
    """A random BERT with its tokenizer, as transformers saves it."""
    torch.manual_seed(11)
    known = tokenizer()
    BertModel(bert_config(len(known)), add_pooling_layer=False).save_pretrained(folder)
    known.save_pretrained(folder)
    return str(folder)


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


def stanford(base: str) -> None:
    from colbert.infra import ColBERTConfig
    from colbert.modeling.base_colbert import BaseColBERT

    settings = ColBERTConfig(dim=8, query_maxlen=16, doc_maxlen=28, root="experiments", checkpoint=base)
    torch.manual_seed(12)
    BaseColBERT(base, colbert_config=settings).save(str(OUT / "stanford"))
    # What is saved of the run says where this was made.
    metadata = OUT / "stanford" / "artifact.metadata"
    content = json.loads(metadata.read_text())
    kept = ("dim", "doc_maxlen", "query_maxlen", "mask_punctuation", "attend_to_mask_tokens", "interaction", "similarity",
            "query_token_id", "doc_token_id", "query_token", "doc_token", "nbits", "bsize")
    metadata.write_text(json.dumps({key: content[key] for key in kept if key in content}, indent=4) + "\n")
    record("stanford", *by_stanford(str(OUT / "stanford"), QUERIES, PASSAGES))


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


def pylate(base: str) -> None:
    from pylate import models

    torch.manual_seed(12)
    model = models.ColBERT(base, embedding_size=8, query_length=16, document_length=28, device="cpu")
    model.save(str(OUT / "pylate"))
    record("pylate", *by_pylate(str(OUT / "pylate"), QUERIES, PASSAGES))


def pylate_deep(base: str) -> None:
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
    model.save(str(OUT / "pylate-deep"))
    record("pylate-deep", *by_pylate(str(OUT / "pylate-deep"), QUERIES, PASSAGES))


def by_pylate(folder: str, queries: list[str], passages: list[str]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    from pylate import models

    model = models.ColBERT(folder, device="cpu", model_kwargs={"dtype": torch.float32})
    options = {"convert_to_tensor": True, "batch_size": 1, "show_progress_bar": False}
    return model.encode(queries, is_query=True, **options), model.encode(passages, is_query=False, **options)


def multi_vector(base: str) -> None:
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.base.modules.dense import Dense
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask

    torch.manual_seed(12)
    expansion = {"strategy": "min", "attend": True, "length": 10}
    modules = [
        Transformer(base, query_length=18, document_length=28, query_expansion=expansion),
        Dense(HIDDEN, 8, bias=True, activation_function=torch.nn.Identity(), module_input_name="token_embeddings"),
        MultiVectorMask(skiplist_words=[".", ",", "!", "?", ";"]),
        Normalize(module_input_name="token_embeddings"),
    ]
    prompts = {"query": "the query: ", "document": "omi "}
    MultiVectorEncoder(modules=modules, prompts=prompts, device="cpu").save(str(OUT / "multi-vector"))
    record("multi-vector", *by_multi_vector(str(OUT / "multi-vector"), QUERIES, PASSAGES))


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


def sharded(base: str) -> None:
    model = BertModel.from_pretrained(base, add_pooling_layer=False, dtype=torch.bfloat16)
    model.save_pretrained(OUT / "sharded", max_shard_size="10KB")
    tokenizer().save_pretrained(OUT / "sharded")


if __name__ == "__main__":
    if sys.argv[1:2] == ["open"]:
        sys.exit(compare(*sys.argv[2:]))
    makers = {"stanford": stanford, "pylate": pylate, "pylate-deep": pylate_deep, "multi-vector": multi_vector, "sharded": sharded}
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for name in sys.argv[1:]:
            makers[name](encoder(Path(place) / name))
