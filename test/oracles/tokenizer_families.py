"""Golden tokenizers, ids and places for src/text/tokenize/*.test.ts from the Python library `tokenizers`.

Trains a small tokenizer in the configuration of each family of encoders, on text of the experiment kit beside the
checkout (and with `sentencepiece`, for its table of replacements), and writes for each to test/fixtures/families:

- NAME.json.gz: the tokenizer.json;
- NAME.golden.json.gz: ids, places and tokens of the texts of tokenizer_texts.py, of pairs, and of cut texts;
- NAME.kit.gz: three bytes of a hash of ids and places of each of 10,000 sentences of the kit, which is not copied.

And `components.json.gz`: what each normaliser and each pre-tokeniser makes of the texts.

Run from the repository root: python test/oracles/tokenizer_families.py
"""

import gzip
import hashlib
import json
import struct
import tempfile
from pathlib import Path

import sentencepiece
import tokenizers
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, processors, trainers
from tokenizers import normalizers as norm
from tokenizers import pre_tokenizers as pre
from tokenizer_texts import LONE_SURROGATES, all_texts, readable

ROOT = Path(__file__).parents[2]
KIT = ROOT.parent / "shared" / "kit"
OUT = ROOT / "test" / "fixtures" / "families"
SIZE = 2500
SENTENCES = 10_000
PER_FILE = 170
GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)


def kit_sentences():
    """The texts of the first records of every public test file, then of the dev bitext, in the order of the names."""
    out = []
    for path in sorted(KIT.glob("test/*/*.jsonl"), key=lambda p: p.relative_to(KIT).as_posix()):
        lines = path.read_text(encoding="utf-8").split("\n")[:PER_FILE]
        out += [json.loads(line)["text"] for line in lines if line]
    for path in sorted(KIT.glob("train/bitext/*.dev.tsv"), key=lambda p: p.name):
        lines = path.read_text(encoding="utf-8").split("\n")[:PER_FILE]
        out += [line.split("\t")[3] for line in lines if line]
    return out[:SENTENCES]


def training_texts():
    """Other text than what is compared."""
    out = []
    for path in sorted(KIT.glob("train/bitext/*.train.tsv")):
        for line in path.read_text(encoding="utf-8").split("\n")[:1500]:
            out += line.split("\t")[2:4]
    for path in sorted(KIT.glob("test/*/queries.*.jsonl")):
        if path.name.split(".")[1] in ("el", "th", "zh", "yor", "ibo", "hau", "ro"):
            out += [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").split("\n")[PER_FILE:] if line]
    return out + [readable(text) for text in all_texts()[70:140]]


def special(*contents, **options):
    return [AddedToken(content, special=True, normalized=False, **options) for content in contents]


# Tokens whose settings each do something; the texts hold them.
ODD = [
    AddedToken("loneword", single_word=True, normalized=False),
    AddedToken("stripboth", lstrip=True, rstrip=True, normalized=False),
    AddedToken("Stripped", rstrip=True, normalized=True),
    AddedToken("MixedNorm", normalized=True),
    AddedToken("|||EMAIL_ADDRESS|||", normalized=True),
]


def template(cls, sep, ids, pair=None):
    return processors.TemplateProcessing(
        single=f"{cls} $A {sep}",
        pair=pair or f"{cls} $A {sep} $B:1 {sep}:1",
        special_tokens=[(cls, ids[cls]), (sep, ids[sep])],
    )


def vocabulary(made):
    return made.get_vocab(with_added_tokens=True)


def bert(texts, odd=False, **options):
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = norm.BertNormalizer(**options)
    made.pre_tokenizer = pre.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=SIZE, special_tokens=specials, limit_alphabet=700))
    ids = vocabulary(made)
    if odd:
        made.add_tokens(ODD)
        made.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    else:
        made.post_processor = template("[CLS]", "[SEP]", ids)
    return made


def sentencepiece_model(texts, **options):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "text").write_text("\n".join(t.replace("\n", " ").replace("\0", "") for t in texts), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/text", model_prefix=f"{folder}/m", vocab_size=SIZE, model_type="unigram",
            num_threads=1, minloglevel=2, character_coverage=0.999, normalization_rule_name="nmt_nfkc", **options)
        model = sentencepiece_model_pb2.ModelProto()
        model.ParseFromString(Path(f"{folder}/m.model").read_bytes())
    return model


def xlm_roberta(texts):
    proto = sentencepiece_model(texts)
    pieces = [(p.piece, p.score) for p in proto.pieces]
    vocab = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces[3:], ("<mask>", 0.0)]
    made = Tokenizer(models.Unigram(vocab, unk_id=3, byte_fallback=False))
    made.normalizer = norm.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    made.pre_tokenizer = pre.Sequence([pre.WhitespaceSplit(), pre.Metaspace(replacement="▁", prepend_scheme="always")])
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    made.add_special_tokens(special("<s>", "<pad>", "</s>", "<unk>") + special("<mask>", lstrip=True))
    made.post_processor = template("<s>", "</s>", vocabulary(made), "<s> $A </s> </s> $B </s>")
    return made


def deberta(texts):
    proto = sentencepiece_model(texts, byte_fallback=False)
    pieces = [(p.piece, p.score) for p in proto.pieces]
    vocab = [("[PAD]", 0.0), ("[CLS]", 0.0), ("[SEP]", 0.0), ("[UNK]", 0.0), *pieces[3:]]
    made = Tokenizer(models.Unigram(vocab, unk_id=3, byte_fallback=False))
    made.normalizer = norm.Sequence([
        norm.Lowercase(), norm.Strip(), norm.Precompiled(proto.normalizer_spec.precompiled_charsmap), norm.Replace(Regex(" {2,}"), " "),
    ])
    made.pre_tokenizer = pre.Metaspace(replacement="▁", prepend_scheme="always")
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    made.add_special_tokens(special("[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"))
    made.add_tokens(ODD)
    made.post_processor = template("[CLS]", "[SEP]", vocabulary(made))
    return made


def byte_level(texts, specials, **options):
    made = Tokenizer(models.BPE(**options.pop("model", {})))
    made.normalizer = options.get("normalizer")
    made.pre_tokenizer = options["pre_tokenizer"]
    made.decoder = decoders.ByteLevel()
    made.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=SIZE, special_tokens=specials, initial_alphabet=pre.ByteLevel.alphabet()))
    return made


def roberta(texts, prefix):
    made = byte_level(texts, ["<s>", "<pad>", "</s>", "<unk>"], pre_tokenizer=pre.ByteLevel(add_prefix_space=prefix))
    made.add_special_tokens(special("<mask>", lstrip=True))
    ids = vocabulary(made)
    made.post_processor = processors.RobertaProcessing(
        ("</s>", ids["</s>"]), ("<s>", ids["<s>"]), trim_offsets=True, add_prefix_space=prefix)
    return made


def modern_bert(texts):
    made = byte_level(texts, [], normalizer=norm.NFC(), pre_tokenizer=pre.ByteLevel(add_prefix_space=False))
    made.add_tokens([AddedToken(" " * n, normalized=True) for n in range(8, 1, -1)] + ODD)
    made.add_special_tokens(special("[UNK]", "[CLS]", "[SEP]", "[PAD]") + special("[MASK]", lstrip=True))
    ids = vocabulary(made)
    made.post_processor = template("[CLS]", "[SEP]", ids)
    return made


def gpt4_like(texts):
    split = pre.Sequence([pre.Split(Regex(GPT4), "isolated"), pre.ByteLevel(add_prefix_space=False, use_regex=False)])
    made = byte_level(texts, ["<s>", "</s>", "<pad>"], pre_tokenizer=split, model={"ignore_merges": True})
    made.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False), template("<s>", "</s>", vocabulary(made))])
    return made


def byte_fallback(texts, specials, normalizer, pre_tokenizer, **model):
    """BPE with a word mark, over whole texts, as SentencePiece learns it."""
    learner = Tokenizer(models.BPE(unk_token="<unk>"))
    learner.pre_tokenizer = pre.Metaspace(replacement="▁", prepend_scheme="always")
    spelt = [f"<0x{byte:02X}>" for byte in range(256)]
    learner.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=SIZE + 256, special_tokens=specials + spelt, limit_alphabet=700))
    learnt = json.loads(learner.to_str())["model"]
    made = Tokenizer(models.BPE(vocab=learnt["vocab"], merges=[tuple(m) for m in learnt["merges"]],
                                unk_token="<unk>", fuse_unk=True, byte_fallback=True, **model))
    made.normalizer = normalizer
    made.pre_tokenizer = pre_tokenizer
    made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    made.add_special_tokens(special(*specials))
    return made


def gemma(texts):
    specials = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<unused0>", "<unused1>", "<start_of_turn>"]
    made = byte_fallback(texts, specials, norm.Replace(" ", "▁"), pre.Split(" ", "merged_with_previous"))
    made.add_tokens([AddedToken(each, normalized=False) for each in ("\n", "\n\n", "▁▁", "▁▁▁", "<b>")])
    made.post_processor = template("<bos>", "<eos>", vocabulary(made), "<bos> $A <eos> $B:1 <eos>:1")
    return made


def llama(texts):
    normalizer = norm.Sequence([norm.Prepend("▁"), norm.Replace(" ", "▁")])
    made = byte_fallback(texts, ["<unk>", "<s>", "</s>"], normalizer, None)
    made.post_processor = template("<s>", "</s>", vocabulary(made))
    return made


def metaspace_first(texts):
    pre_tokenizer = pre.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    made = byte_fallback(texts, ["<unk>", "<s>", "</s>"], norm.Strip(left=True, right=False), pre_tokenizer)
    made.add_tokens(ODD)
    return made


FAMILIES = {
    "bert-cased": lambda texts: bert(texts, lowercase=False, strip_accents=None),
    "bert-uncased": lambda texts: bert(texts, odd=True, lowercase=True, strip_accents=None),
    "bert-accents": lambda texts: bert(texts, lowercase=True, strip_accents=False),
    "xlm-roberta": xlm_roberta,
    "deberta": deberta,
    "roberta": lambda texts: roberta(texts, False),
    "roberta-prefix": lambda texts: roberta(texts, True),
    "modernbert": modern_bert,
    "gpt4-like": gpt4_like,
    "gemma": gemma,
    "llama": llama,
    "metaspace-first": metaspace_first,
}


def in_units(text):
    """Places in UTF-16 code units by place in characters."""
    places = [0]
    for character in text:
        places.append(places[-1] + (2 if ord(character) > 0xFFFF else 1))
    return places


def encoded(made, text):
    """Ids, and places in code units, without the template."""
    whole = readable(text)
    places = in_units(whole)
    got = made.encode(whole, add_special_tokens=False)
    return {
        "ids": got.ids,
        "starts": [places[start] for start, _ in got.offsets],
        "ends": [places[end] for _, end in got.offsets],
    }


def framed(made, text, pair, **truncation):
    if truncation:
        made.enable_truncation(**truncation)
    got = made.encode(text, pair)
    made.no_truncation()
    sides = [in_units(text), in_units(pair or "")]
    offsets = [
        (0, 0) if sequence is None else (sides[sequence][start], sides[sequence][end])
        for (start, end), sequence in zip(got.offsets, got.sequence_ids)
    ]
    return {
        "ids": got.ids, "types": got.type_ids, "special": got.special_tokens_mask,
        "starts": [start for start, _ in offsets], "ends": [end for _, end in offsets],
    }


CUTS = [
    dict(max_length=12), dict(max_length=13, direction="left"), dict(max_length=20, strategy="only_first"),
    dict(max_length=40, strategy="only_second"),
]
PAIRS = [
    ("Où est l'école de Mwanza ?", "Shule iko karibu na ziwa, na watoto huenda kwa miguu kila asubuhi bila kuchoka."),
    ("पानी कहाँ है और नदी कितनी गहरी है, यह कोई नहीं जानता था।", "น้ำอยู่ในแม่น้ำ"),
    ("Wapi?", "Hapa."),
    ("Maji ya ziwa ni baridi sana wakati wa usiku.", None),
]


def cut(made, text, pair, options):
    try:
        return framed(made, text, pair, **options)
    except BaseException:  # the text that may be cut is too short, or is not there
        return None


def digest(row):
    numbers = [*row["ids"], -1, *row["starts"], -1, *row["ends"]]
    return hashlib.sha256(struct.pack(f"<{len(numbers)}i", *numbers)).digest()[:3]


def write(name, content):
    data = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    # Without a date, so that the same content gives the same file.
    (OUT / name).write_bytes(gzip.compress(data, 9, mtime=0))


NORMALIZERS = {
    **{name: getattr(norm, name)() for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "ByteLevel")},
    **{f"Bert{clean:d}{chinese:d}{accents}{lower:d}": norm.BertNormalizer(clean, chinese, accents, lower)
       for clean in (False, True) for chinese in (False, True) for accents in (None, False, True) for lower in (False, True)},
    "Strip": norm.Strip(), "StripLeft": norm.Strip(right=False), "StripRight": norm.Strip(left=False),
    "Prepend": norm.Prepend("▁x"), "ReplaceString": norm.Replace("a", "äö"), "ReplaceNothing": norm.Replace("e", ""),
    "ReplaceExpression": norm.Replace(Regex(r"[\p{P}\s]{2,}"), "·🙂"),
    "NFD, StripAccents, Lowercase": norm.Sequence([norm.NFD(), norm.StripAccents(), norm.Lowercase()]),
    "NFKC, Lowercase, NFC": norm.Sequence([norm.NFKC(), norm.Lowercase(), norm.NFC()]),
    "NFD, NFC": norm.Sequence([norm.NFD(), norm.NFC()]),
    "Nmt, NFKC, Strip": norm.Sequence([norm.Nmt(), norm.NFKC(), norm.Strip()]),
}
BEHAVIOURS = ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
PRE_TOKENIZERS = {
    "Bert": pre.BertPreTokenizer(), "Whitespace": pre.Whitespace(), "WhitespaceSplit": pre.WhitespaceSplit(),
    "UnicodeScripts": pre.UnicodeScripts(), "Digits": pre.Digits(), "EachDigit": pre.Digits(individual_digits=True),
    "FixedLength": pre.FixedLength(length=3), "CharDelimiter": pre.CharDelimiterSplit("a"),
    **{f"Punctuation {b}": pre.Punctuation(b) for b in BEHAVIOURS},
    **{f"Split {b}": pre.Split(Regex(r"[\p{P}\s]"), b) for b in BEHAVIOURS},
    **{f"Split inverted {b}": pre.Split(Regex(r"\p{L}+"), b, invert=True) for b in BEHAVIOURS},
    **{f"Split string {b}": pre.Split("a", b) for b in BEHAVIOURS},
    **{f"Metaspace {scheme} {split}": pre.Metaspace(prepend_scheme=scheme, split=split)
       for scheme in ("always", "first", "never") for split in (True, False)},
    **{f"ByteLevel {prefix} {regex}": pre.ByteLevel(add_prefix_space=prefix, use_regex=regex)
       for prefix in (True, False) for regex in (True, False)},
    "Scripts, Metaspace first": pre.Sequence([pre.UnicodeScripts(), pre.Metaspace(prepend_scheme="first")]),
    "Split, ByteLevel": pre.Sequence([pre.Split(Regex(GPT4), "isolated"), pre.ByteLevel(False, use_regex=False)]),
    "Whitespace, Digits, Punctuation": pre.Sequence([pre.WhitespaceSplit(), pre.Digits(True), pre.Punctuation()]),
}


# Those that are tried on text whose characters have no place of their own, too.
AFTER_NFKC = (
    "Bert", "Whitespace", "UnicodeScripts", "Split isolated", "Metaspace first True", "Metaspace always True",
    "ByteLevel True True", "Scripts, Metaspace first",
)


def piece_ranges(normalizer, pre_tokenizer, text):
    """The places of pieces, in code units; each piece is one unknown token."""
    made = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    if normalizer:
        made.normalizer = normalizer
    if pre_tokenizer:
        made.pre_tokenizer = pre_tokenizer
    row = encoded(made, text)
    return [row["starts"], row["ends"]]


def by_text(texts, made):
    """Components, and then what each makes of a text, text by text: what is alike lies together, and packs well."""
    return {
        "components": [{"name": name, "json": json} for name, json, _ in made],
        "results": [[result(text) for _, _, result in made] for text in texts],
    }


def components(texts):
    every = Regex(r"(?m).")  # in Oniguruma, a point matches line ends with this
    characters = pre.Split(every, "isolated")
    return {
        "texts": texts,
        "normalizers": by_text(texts, [
            (name, parts(normalizer=n)["normalizer"],
             lambda t, n=n: {"text": n.normalize_str(readable(t)), "places": piece_ranges(n, characters, t)})
            for name, n in NORMALIZERS.items()]),
        "pre_tokenizers": by_text(texts, [
            (name, parts(pre_tokenizer=p)["pre_tokenizer"],
             lambda t, p=p: {"text": [piece for piece, _ in p.pre_tokenize_str(readable(t))],
                             "places": piece_ranges(None, p, t)})
            for name, p in PRE_TOKENIZERS.items()]),
        "normalised": by_text(texts, [
            (name, parts(pre_tokenizer=PRE_TOKENIZERS[name])["pre_tokenizer"],
             lambda t, name=name: {"places": piece_ranges(norm.NFKC(), PRE_TOKENIZERS[name], t)})
            for name in AFTER_NFKC]),
    }


def parts(**given):
    made = Tokenizer(models.BPE())
    for name, part in given.items():
        setattr(made, name, part)
    return json.loads(made.to_str())


def main():
    OUT.mkdir(exist_ok=True)
    texts = all_texts()
    write("texts.json.gz", texts)
    learning = training_texts()
    sentences = kit_sentences()
    assert len(sentences) == SENTENCES, len(sentences)
    for name, make in FAMILIES.items():
        made = make(learning)
        write(f"{name}.json.gz", made.to_str().encode())
        # As it is read from the file, which is what a user has.
        made = Tokenizer.from_str(made.to_str())
        rows = [encoded(made, text) for text in texts]
        write(f"{name}.golden.json.gz", {
            "tokenizers": tokenizers.__version__,
            "texts": [[row["ids"], row["starts"], row["ends"]] for row in rows],
            "decoded": [made.decode(row["ids"]) for row in rows],
            "pairs": [{"texts": pair, "whole": framed(made, *pair), "cut": [cut(made, *pair, options) for options in CUTS]}
                      for pair in PAIRS],
            "cuts": CUTS,
        })
        write(f"{name}.kit.gz", b"".join(digest(encoded(made, text)) for text in sentences))
        print(name, made.get_vocab_size())
    write("components.json.gz", components([*texts[:110], *LONE_SURROGATES, *texts[330:350]]))


if __name__ == "__main__":
    main()
