"""A small random BERT in multilingual BERT's layout, as a base of `refract teach`, and its tokenizer's ids.

Writes test/fixtures/base/:
  config.json, model.safetensors   a BertForMaskedLM with 1 layer of 32, 64 positions
  tokenizer.json, tokenizer_config.json, special_tokens_map.json   cased WordPiece. [unused1] to [unused5] follow
      [PAD], as in multilingual BERT, which has no [unused0]; there is no [Q] and no [D]
  golden.json                      sentences and what AutoTokenizer makes of them

Run from the repository's root: python test/oracles/base.py
"""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

OUT = Path("test/fixtures/base")
FIRST = ["[PAD]", *(f"[unused{i}]" for i in range(1, 6)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SENTENCES = [
    "Boil the water for one minute before you drink it.",
    "Where is the market, and when does it open?",
    "Ẹ sè omi fún ìṣẹ́jú kan kí ẹ tó mu ún.",
    "Níbo ni ọjà wà?",
    "पानी को एक मिनट तक उबालें और फिर पिएँ।",
    "बाज़ार कहाँ है?",
    "اغلِ الماء دقيقة واحدة.",
    "ต้มน้ำหนึ่งนาทีก่อนดื่ม",
    "The word ماء means water, [SEP] and पानी too.",
]
WORDS = "the water market minute omi ọjà पानी बाज़ार الماء".split()


def tokenizer() -> Tokenizer:
    split = pre_tokenizers.BertPreTokenizer()
    clean = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    pieces = [word for text in SENTENCES for word, _ in split.pre_tokenize_str(clean.normalize_str(text))]
    letters = sorted({letter for piece in pieces for letter in piece})
    # Letters of Thai are left out, so that [UNK] occurs; the sentences' Latin, Arabic and Devanagari are in.
    letters = [letter for letter in letters if not "\u0e00" <= letter <= "\u0e7f"]
    vocabulary = [*FIRST, *letters, *(f"##{letter}" for letter in letters), *WORDS]
    inner = Tokenizer(
        models.WordPiece({token: i for i, token in enumerate(dict.fromkeys(vocabulary))}, unk_token="[UNK]")
    )
    inner.normalizer = clean
    inner.pre_tokenizer = split
    inner.decoder = decoders.WordPiece()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, FIRST.index(token)) for token in ("[CLS]", "[SEP]")],
    )
    inner.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return inner


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    inner = tokenizer()
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=inner.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
    )
    BertForMaskedLM(config).save_pretrained(OUT)
    (OUT / "generation_config.json").unlink(missing_ok=True)
    inner.save(str(OUT / "tokenizer.json"), pretty=False)
    # The two small files as multilingual BERT has them.
    parts = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
    (OUT / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False, "model_max_length": 64}) + "\n")
    (OUT / "special_tokens_map.json").write_text(json.dumps(parts) + "\n")
    auto = AutoTokenizer.from_pretrained(OUT)
    golden = [{"text": text, "ids": auto(text, add_special_tokens=False)["input_ids"]} for text in SENTENCES]
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in golden)
    (OUT / "golden.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
