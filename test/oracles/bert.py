"""Golden values of a small random BERT, from PyTorch and transformers.

Writes test/fixtures/bert/:
  config.json, model.safetensors, tokenizer.json, tokenizer_config.json   a BertModel without pooler
  golden.json              inputs, last_hidden_state, and weights w of the loss sum(w * last_hidden_state)
  gradients.safetensors    the loss's gradient of every parameter
and test/fixtures/halves/: the same numbers as float16, bfloat16 and, decoded by PyTorch, float32.

Run from the repository's root: python test/oracles/bert.py
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

OUT = Path("test/fixtures/bert")
HALVES = Path("test/fixtures/halves")
WORDS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] [Q] [D] the a of is to water market school health farm rain bus ##s "
    "##ing ##ed where when how open ? . , maji soko shule afya mvua basi wapi lini biyo suuq dugsi "
    "पानी बाजार स्कूल बारिश ماء سوق مدرسة مطر น้ำ ตลาด โรงเรียน ฝน omi ọjà ilé ìwé òjò "
    "a b c d e f g h i j k l m n o p q r s t u v w x y z"
).split()


def tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(WORDS))}
    inner = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    inner.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    inner.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[Q]", "[D]"])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        unk_token="[UNK]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        mask_token="[MASK]",
    )


def bert() -> None:
    torch.manual_seed(20)
    words = tokenizer()
    config = BertConfig(
        vocab_size=88,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=24,
        type_vocab_size=2,
        hidden_act="gelu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    assert len(words) <= config.vocab_size, len(words)
    model = BertModel(config, add_pooling_layer=False).eval()
    # Larger and less regular than a fresh model, so that attention is far from uniform and each bias counts.
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(0.25 * torch.randn_like(parameter))
            if name.endswith("LayerNorm.weight"):
                parameter.add_(1.0)
    model.save_pretrained(OUT)
    words.save_pretrained(OUT)

    lengths = [10, 6, 3]
    input_ids = torch.zeros(3, 10, dtype=torch.long)
    token_type_ids = torch.zeros(3, 10, dtype=torch.long)
    attention_mask = torch.zeros(3, 10, dtype=torch.long)
    for row, length in enumerate(lengths):
        input_ids[row, :length] = torch.randint(1, 80, (length,))
        attention_mask[row, :length] = 1
    token_type_ids[0, 6:] = 1
    token_type_ids[1, 3:6] = 1
    hidden = model(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
    # Rounded to 1/1000 so that the JSON stays small; the padded positions of the output do not count.
    weights = (torch.randn(hidden.shape) * attention_mask[..., None]).mul(1000).round().div(1000)
    loss = (hidden * weights).sum()
    loss.backward()
    golden = {
        "shape": list(hidden.shape),
        "input_ids": input_ids.flatten().tolist(),
        "attention_mask": attention_mask.flatten().tolist(),
        "token_type_ids": token_type_ids.flatten().tolist(),
        "last_hidden_state": [float(f"{x:.8g}") for x in hidden.flatten().tolist()],
        "loss_weights": [round(x, 3) for x in weights.flatten().tolist()],
        "loss": loss.item(),
    }
    (OUT / "golden.json").write_text(json.dumps(golden) + "\n")
    gradients = {name: p.grad.contiguous() for name, p in model.named_parameters()}
    save_file(gradients, OUT / "gradients.safetensors", metadata={"format": "pt"})


def halves() -> None:
    """Every kind of half: zeros, subnormals, limits, infinities, NaN and all exponents with some fractions."""
    HALVES.mkdir(parents=True, exist_ok=True)
    bits = torch.arange(0, 65536, 37, dtype=torch.int32)
    edges = torch.tensor([0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0x7F80, 0xFF80])
    bits = torch.cat([edges.to(torch.int32), bits]).to(torch.uint16)
    half, brain = bits.view(torch.float16), bits.clone().view(torch.bfloat16)
    save_file(
        {
            "half": half,
            "half_decoded": half.float(),
            "brain": brain,
            "brain_decoded": brain.float(),
            "long": torch.tensor([[-(2**62), 5]]),
            "int": torch.tensor([-7, 7], dtype=torch.int32),
            "byte": torch.tensor([0, 255], dtype=torch.uint8),
            "bool": torch.tensor([True, False]),
            "scalar": torch.tensor(2.5),
            "empty": torch.zeros(0, 3),
        },
        HALVES / "halves.safetensors",
    )


if __name__ == "__main__":
    bert()
    halves()
