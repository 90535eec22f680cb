"""Golden ids for src/text/*.test.ts from the Python `tokenizers` library.

Trains our tokenizer with our trainer (tokenizer.ts), opens it in `tokenizers` and in
`transformers`, and writes the ids of every sentence. Trains three tokenizers of other kinds with
`tokenizers` itself, so that the loader is tested on files it did not make.

Run from the repository root: python test/oracles/tokenizer.py
"""

import json
import subprocess
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

FOLDER = Path(__file__).parent.parent / "fixtures" / "tokenizer"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SIZE = 500


def word_piece():
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    return made, trainers.WordPieceTrainer(vocab_size=SIZE, special_tokens=SPECIAL, limit_alphabet=200)


def byte_level():
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    return made, trainers.BpeTrainer(vocab_size=SIZE, special_tokens=SPECIAL, initial_alphabet=alphabet)


def unigram():
    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(" ", "▁")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
    made.decoder = decoders.Metaspace()
    return made, trainers.UnigramTrainer(vocab_size=SIZE, special_tokens=SPECIAL, unk_token="[UNK]")


def ids(tokenizer, sentences):
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in sentences]


def main():
    subprocess.run(["npx", "tsx", "test/oracles/tokenizer.ts"], check=True)
    sentences = (FOLDER / "sentences.txt").read_text(encoding="utf-8").split("\n")[:-1]
    ours = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    fast = PreTrainedTokenizerFast(tokenizer_file=str(FOLDER / "tokenizer.json"))
    plain = ids(ours, sentences)
    assert fast(sentences, add_special_tokens=False)["input_ids"] == plain
    expected = {
        "tokenizers": tokenizers.__version__,
        "tokenizer": plain,
        "template": ours.encode(sentences[0], sentences[1]).ids,
        "decoded": [ours.decode(row) for row in plain],
    }
    for make in (word_piece, byte_level, unigram):
        made, trainer = make()
        made.train_from_iterator(sentences[:90], trainer)
        name = make.__name__.replace("_", "-")
        (FOLDER / f"{name}.json").write_text(made.to_str() + "\n", encoding="utf-8")
        expected[name] = ids(made, sentences)
    text = json.dumps(expected, ensure_ascii=False, separators=(",", ":")).replace(",[", ",\n[")
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
