"""Small random encoders with small tokenizers, as transformers saves them, for layouts.py: one of each family."""

from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

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
# Larger than usual, so that texts differ by more than their markers.
WIDE = {
    "hidden_size": HIDDEN,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "initializer_range": 0.3,
}


def frame(inner: Tokenizer, first: str, last: str) -> None:
    ids = [(token, inner.token_to_id(token)) for token in (first, last)]
    inner.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", pair=f"{first} $A {last} $B:1 {last}:1", special_tokens=ids
    )


def word_piece() -> PreTrainedTokenizerFast:
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
    frame(inner, "[CLS]", "[SEP]")
    return finished(inner)


def unigram() -> PreTrainedTokenizerFast:
    """As XLM-RoBERTa's, with NFKC in the place of SentencePiece's table, which is larger than all of this."""
    inner = Tokenizer(models.Unigram())
    inner.normalizer = normalizers.NFKC()
    marks = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    inner.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), marks])
    inner.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    learner = trainers.UnigramTrainer(vocab_size=200, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>")
    # Letters of Thai are left out, so that <unk> occurs.
    inner.train_from_iterator([text for text in QUERIES + PASSAGES if "น้ำ" not in text], learner)
    inner.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    frame(inner, "<s>", "</s>")
    return finished(inner, angled=True)


def byte_level(angled: bool) -> PreTrainedTokenizerFast:
    """As RoBERTa's (angled), or as ModernBERT's."""
    inner = Tokenizer(models.BPE())
    inner.normalizer = None if angled else normalizers.NFC()
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    first = ["<s>", "<pad>", "</s>", "<unk>"] if angled else ["[UNK]", "[CLS]", "[SEP]", "[PAD]"]
    learner = trainers.BpeTrainer(
        vocab_size=330, special_tokens=first, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    inner.train_from_iterator(QUERIES + PASSAGES, learner)
    inner.add_special_tokens([AddedToken("<mask>" if angled else "[MASK]", lstrip=True, special=True)])
    frame(inner, *(("<s>", "</s>") if angled else ("[CLS]", "[SEP]")))
    return finished(inner, angled)


def finished(inner: Tokenizer, angled: bool = False) -> PreTrainedTokenizerFast:
    roles = ["<unk>", "</s>", "<pad>", "<s>", "<mask>"] if angled else ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"]
    names = ["unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
    return PreTrainedTokenizerFast(tokenizer_object=inner, model_max_length=64, **dict(zip(names, roles)))


def model(family: str, tokenizer: PreTrainedTokenizerFast) -> torch.nn.Module:
    wide = {**WIDE, "vocab_size": len(tokenizer)}
    around = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "type_vocab_size": 1, "max_position_embeddings": 66}
    if family == "xlm-roberta":
        return XLMRobertaModel(XLMRobertaConfig(**wide, **around), add_pooling_layer=False)
    if family == "roberta":
        return RobertaModel(RobertaConfig(**wide, **around), add_pooling_layer=False)
    if family == "distilbert":
        return DistilBertModel(
            DistilBertConfig(
                vocab_size=len(tokenizer), dim=HIDDEN, n_layers=1, n_heads=2, hidden_dim=32,
                max_position_embeddings=64, initializer_range=0.3,
            )
        )
    if family == "modernbert":
        # All, near, near, all; tokens of the near layers see 3 to each side.
        roles = {f"{role}_token_id": tokenizer.convert_tokens_to_ids(f"[{role.upper()}]") for role in ("cls", "sep", "pad")}
        ends = {"bos_token_id": roles["cls_token_id"], "eos_token_id": roles["sep_token_id"]}
        config = ModernBertConfig(
            **{**wide, "num_hidden_layers": 4}, **roles, **ends, max_position_embeddings=64, local_attention=6
        )
        config._attn_implementation = "eager"
        return ModernBertModel(config)
    return BertModel(BertConfig(**wide, max_position_embeddings=64), add_pooling_layer=False)


TOKENIZERS = {
    "bert": word_piece,
    "distilbert": word_piece,
    "xlm-roberta": unigram,
    "roberta": lambda: byte_level(True),
    "modernbert": lambda: byte_level(False),
}


def encoder(folder: Path, family: str = "bert") -> str:
    """A random encoder with its tokenizer, as transformers saves it."""
    torch.manual_seed(11)
    known = TOKENIZERS[family]()
    model(family, known).save_pretrained(folder)
    known.save_pretrained(folder)
    return str(folder)
