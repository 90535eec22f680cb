"""Small random bases of the families beside BERT, as transformers saves them, and what it computes with them.

Writes test/fixtures/bases/NAME/ for xlm-roberta, roberta, distilbert and modernbert:
  config.json, model.safetensors   a model with a language-model head, as bases are published
  tokenizer_config.json            (and special_tokens_map.json of ModernBERT) as published models of the family have them
  golden.json                      texts, what AutoTokenizer makes of them, and AutoModel's last_hidden_state

Their tokenizer.json is not copied there: it is that of the family in test/fixtures/families/*.json.gz, by
tokenizer_families.py, which learnt it from text in many scripts.

Run from the repository's root: python test/oracles/bases.py
"""

import gzip
import json
import shutil
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import (
    AutoModel,
    AutoTokenizer,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    RobertaConfig,
    RobertaForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

OUT = Path("test/fixtures/bases")
FAMILIES = Path("test/fixtures/families")
TOKENIZERS = {"xlm-roberta": "xlm-roberta", "roberta": "roberta", "distilbert": "bert-cased", "modernbert": "modernbert"}
TEXTS = [
    "Boil the water for one minute before you drink it.",
    "Ẹ sè omi fún ìṣẹ́jú kan kí ẹ tó mu ún.",
    "पानी को एक मिनट तक उबालें और फिर पिएँ।",
    "اغلِ الماء دقيقة واحدة قبل أن يشرب الأطفال.",
    "ต้มน้ำหนึ่งนาทีก่อนดื่ม",
    "The word ماء means water, and पानी too.",
]
WIDTH = {"hidden_size": 20, "num_attention_heads": 2, "intermediate_size": 32, "initializer_range": 0.2}


def token(content: str, lstrip: bool = False) -> dict:
    return {"content": content, "lstrip": lstrip, "normalized": False, "rstrip": False, "single_word": False}


def model(name: str, rows: int) -> torch.nn.Module:
    wide = {**WIDTH, "vocab_size": rows, "num_hidden_layers": 2}
    around = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "layer_norm_eps": 1e-5, "type_vocab_size": 1}
    if name == "xlm-roberta":
        return XLMRobertaForMaskedLM(XLMRobertaConfig(**wide, **around, max_position_embeddings=130))
    if name == "roberta":
        return RobertaForMaskedLM(RobertaConfig(**wide, **around, max_position_embeddings=130))
    if name == "distilbert":
        return DistilBertForMaskedLM(
            DistilBertConfig(
                vocab_size=rows, dim=20, n_layers=2, n_heads=2, hidden_dim=32, max_position_embeddings=128,
                pad_token_id=0, initializer_range=0.2,
            )
        )
    # Four layers: all, near, near, all; tokens of the near ones see 4 to each side.
    return ModernBertForMaskedLM(
        ModernBertConfig(
            **{**wide, "num_hidden_layers": 4}, max_position_embeddings=128, local_attention=8, attn_implementation="eager",
            pad_token_id=2515, bos_token_id=2513, cls_token_id=2513, eos_token_id=2514, sep_token_id=2514,
        )
    )


def tokenizer_files(name: str, inner: dict) -> dict[str, dict]:
    if name in ("xlm-roberta", "roberta"):
        return {"tokenizer_config.json": {"model_max_length": 128}}
    if name == "distilbert":
        return {"tokenizer_config.json": {"do_lower_case": False, "model_max_length": 128}}
    roles = {"cls_token": "[CLS]", "mask_token": "[MASK]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    decoder = {str(each["id"]): {key: value for key, value in each.items() if key != "id"} for each in inner["added_tokens"]}
    config = {
        "added_tokens_decoder": decoder,
        "clean_up_tokenization_spaces": True,
        **roles,
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": 128,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    return {
        "tokenizer_config.json": config,
        "special_tokens_map.json": {role: token(content, role == "mask_token") for role, content in roles.items()},
    }


def golden(name: str) -> None:
    inner_text = gzip.decompress((FAMILIES / f"{TOKENIZERS[name]}.json.gz").read_bytes()).decode()
    inner = json.loads(inner_text)
    rows = max(len(inner["model"]["vocab"]), *(each["id"] + 1 for each in inner["added_tokens"]))
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(31)
    made = model(name, rows)
    # As models are published: halves of both kinds, and float32.
    made.to({"roberta": torch.float16, "modernbert": torch.bfloat16}.get(name, torch.float32)).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    for file, content in tokenizer_files(name, inner).items():
        (folder / file).write_text(json.dumps(content, ensure_ascii=False) + "\n")
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "base"
        shutil.copytree(folder, whole)
        (whole / "tokenizer.json").write_text(inner_text, encoding="utf-8")
        tokenizer = AutoTokenizer.from_pretrained(whole)
        encoder = AutoModel.from_pretrained(whole, dtype=torch.float32).eval()
    records = []
    for text in TEXTS:
        inputs = tokenizer(text, return_tensors="pt")
        inputs.pop("token_type_ids", None)
        with torch.no_grad():
            (hidden,) = encoder(**inputs).last_hidden_state
        records.append({
            "text": text,
            "ids": inputs["input_ids"][0].tolist(),
            "hidden": [round(x, 6) for x in hidden.flatten().tolist()],
        })
        # What transformers makes of the file is what the file says.
        assert records[-1]["ids"] == Tokenizer.from_str(inner_text).encode(text).ids, text
    lines = ",\n".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records)
    (folder / "golden.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    for each in TOKENIZERS:
        golden(each)
