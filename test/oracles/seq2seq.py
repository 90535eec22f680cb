"""Two tiny sequence-to-sequence models, exported to ONNX, and what transformers generates with them.

A toy language pair: a phrase book with its own word order (noun before adjective in the source, after it in the
target), and words with several translations, so that beam search and greedy search differ.

Writes test/fixtures/seq2seq/{marian,t5}/:
  config.json, generation_config.json, tokenizer.json, encoder_model.onnx, decoder_model.onnx
  golden.json   texts, and for each setting the generated ids, the texts, and the score of beam search

Run from the repository's root: python test/oracles/seq2seq.py [marian] [t5]
"""

import json
import random
import sys
import warnings
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import MarianConfig, MarianMTModel, PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

OUT = Path("test/fixtures/seq2seq")
NOUNS = {
    "maji": ["water"], "mto": ["river", "stream"], "shule": ["school"], "soko": ["market"], "mvua": ["rain"],
    "daktari": ["doctor", "physician"], "nyumba": ["house", "home"], "njia": ["road", "way", "path"],
    "mtoto": ["child"], "shamba": ["farm", "field"], "पानी": ["water"], "विद्यालय": ["school"], "سوق": ["market"],
    "น้ำ": ["water"], "omi": ["water"], "ọjà": ["market"], "ilé": ["house", "home"],
}
ADJECTIVES = {
    "safi": ["clean", "safe"], "kubwa": ["big", "great", "large"], "mbaya": ["bad"], "karibu": ["near"],
    "mpya": ["new"], "ndogo": ["small", "little"],
}
VERBS = {"ni": ["is"], "yako": ["are"], "wapi": ["where"], "leo": ["today"], "na": ["and"]}
WEIGHTS = [0.5, 0.3, 0.2]
ALL = {**NOUNS, **ADJECTIVES, **VERBS}
SPECIAL = ["<pad>", "</s>", "<unk>", "<en>", "<sw>"]
VOCABULARY = SPECIAL + sorted(set(ALL) | {word for words in ALL.values() for word in words} | {"?", "the"})


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(VOCABULARY)}, unk_token="<unk>"))
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("?", "isolated")]
    )
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    # Words are joined by blanks when there is no decoder; the JavaScript library wants one, so it is said.
    made.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    made.add_special_tokens(SPECIAL)
    return made


def drawn(words: dict[str, list[str]], word: str) -> str:
    choices = words[word]
    return random.choices(choices, WEIGHTS[: len(choices)])[0]


def sentence() -> tuple[str, str]:
    source, target = [], []
    for k in range(random.randint(1, 3)):
        if k > 0:
            source.append("na")
            target.append("and")
        noun = random.choice(list(NOUNS))
        source.append(noun)
        words = [drawn(NOUNS, noun)]
        if random.random() < 0.6:
            adjective = random.choice(list(ADJECTIVES))
            source.append(adjective)
            words.insert(0, drawn(ADJECTIVES, adjective))
        if random.random() < 0.4:
            words.insert(0, "the")
        target += words
    if random.random() < 0.4:
        source.append("wapi")
        target = ["where", "is", *target]
        if random.random() < 0.7:
            source.append("?")
            target.append("?")
    elif random.random() < 0.3:
        source.append("leo")
        target.append("today")
    return " ".join(source), " ".join(target)


def padded(rows: list[list[int]]) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [0] * (width - len(row)) for row in rows])


def train(model, words: Tokenizer, steps: int) -> None:
    model.train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for step in range(steps):
        pairs = [sentence() for _ in range(64)]
        source = padded([words.encode(s).ids for s, _ in pairs])
        target = padded([words.encode(t).ids for _, t in pairs])
        labels = target.masked_fill(target == 0, -100)
        loss = model(input_ids=source, attention_mask=(source != 0).long(), labels=labels).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 0 or step == steps - 1:
            print(step, round(loss.item(), 3), flush=True)
    model.eval()


class Encoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model.get_encoder()(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


class Decoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, encoder_attention_mask, input_ids, encoder_hidden_states):
        return self.model(
            encoder_outputs=(encoder_hidden_states,),
            attention_mask=encoder_attention_mask,
            decoder_input_ids=input_ids,
            use_cache=False,
        ).logits


def export(model, folder: Path) -> None:
    ids, mask = torch.tensor([[5, 6, 1], [7, 1, 0]]), torch.tensor([[1, 1, 1], [1, 1, 0]])
    batch, source, target = "batch_size", "encoder_sequence_length", "decoder_sequence_length"
    common = {"opset_version": 17, "dynamo": False, "do_constant_folding": True}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hidden = Encoder(model)(ids, mask)
        torch.onnx.export(
            Encoder(model), (ids, mask), folder / "encoder_model.onnx",
            input_names=["input_ids", "attention_mask"], output_names=["last_hidden_state"],
            dynamic_axes={name: {0: batch, 1: source} for name in ("input_ids", "attention_mask", "last_hidden_state")},
            **common,
        )
        torch.onnx.export(
            Decoder(model), (mask, torch.tensor([[0, 5, 6, 7], [0, 8, 9, 10]]), hidden), folder / "decoder_model.onnx",
            input_names=["encoder_attention_mask", "input_ids", "encoder_hidden_states"], output_names=["logits"],
            dynamic_axes={
                "encoder_attention_mask": {0: batch, 1: source}, "encoder_hidden_states": {0: batch, 1: source},
                "input_ids": {0: batch, 1: target}, "logits": {0: batch, 1: target},
            },
            **common,
        )


SETTINGS = [
    {"num_beams": 1},
    {"num_beams": 1, "max_length": 4},
    {"num_beams": 1, "forced_bos_token_id": 3},
    {"num_beams": 2},
    {"num_beams": 4},
    {"num_beams": 4, "length_penalty": 0.2},
    {"num_beams": 4, "length_penalty": 2.5},
    {"num_beams": 4, "length_penalty": 2.5, "early_stopping": True},
    {"num_beams": 4, "length_penalty": 2.5, "early_stopping": "never"},
    {"num_beams": 3, "max_length": 5},
    {"num_beams": 3, "max_length": 5, "forced_eos_token_id": 1},
    {"num_beams": 3, "forced_bos_token_id": 3},
    {"num_beams": 3, "no_repeat_ngram_size": 2},
    {"num_beams": 3, "bad_words_ids": [[VOCABULARY.index("where")], [VOCABULARY.index("house")]]},
    {"num_beams": 8},
]
TEXTS = [
    "maji safi", "Njia kubwa wapi?", "daktari na shamba ndogo", "nyumba mpya karibu", "mto mbaya leo",
    "पानी safi na विद्यालय", "سوق kubwa", "น้ำ", "omi na ọjà na ilé", "mtoto na mtoto na mtoto wapi ?",
    "ilé ndogo na njia kubwa na mto", "giraffe", "nyumba nyumba nyumba nyumba nyumba nyumba nyumba", "",
]


def golden(model, words: Tokenizer, folder: Path) -> None:
    source = padded([words.encode(text).ids for text in TEXTS])
    mask = (source != 0).long()
    runs = []
    for setting in SETTINGS:
        with torch.no_grad():
            result = model.generate(
                input_ids=source, attention_mask=mask, do_sample=False, use_cache=False,
                return_dict_in_generate=True, output_scores=True, **setting,
            )
        ids = []
        for row in result.sequences.tolist():
            row = row[1:]
            ids.append(row[: row.index(1) + 1] if 1 in row else [token for token in row if token != 0])
        run = {"settings": setting, "ids": ids, "texts": [words.decode(row) for row in ids]}
        if setting["num_beams"] > 1:
            run["scores"] = [float(f"{score:.7g}") for score in result.sequences_scores.tolist()]
        runs.append(run)
    (folder / "golden.json").write_text(
        json.dumps({"texts": TEXTS, "sourceIds": [words.encode(t).ids for t in TEXTS], "runs": runs}, ensure_ascii=False) + "\n"
    )


def main() -> None:
    torch.set_num_threads(1)
    size = len(VOCABULARY)
    common = {"vocab_size": size, "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    marian = MarianConfig(
        **common, d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=32,
        dropout=0.0, forced_eos_token_id=None, scale_embedding=False, activation_function="swish", init_std=0.18,
    )
    t5 = T5Config(
        **common, d_model=32, d_kv=8, d_ff=64, num_layers=1, num_decoder_layers=1, num_heads=4,
        relative_attention_num_buckets=16, relative_attention_max_distance=32, dropout_rate=0.0,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False,
    )
    for name, make, steps in (("marian", lambda: MarianMTModel(marian), 800), ("t5", lambda: T5ForConditionalGeneration(t5), 500)):
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        random.seed(7)
        torch.manual_seed(7)
        folder = OUT / name
        folder.mkdir(parents=True, exist_ok=True)
        words = tokenizer()
        model = make()
        train(model, words, steps)
        model.generation_config.max_length = 20
        model.config.save_pretrained(folder)
        model.generation_config.save_pretrained(folder)
        words.save(str(folder / "tokenizer.json"))
        export(model, folder)
        golden(model, words, folder)


if __name__ == "__main__":
    main()
