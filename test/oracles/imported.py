"""Encoders of families that Refract does not know, as folders with an ONNX file and a tokenizer.

With random weights, and the tokenizer of test/fixtures/base, writes to test/fixtures/imported/:
  electra/onnx/model.onnx   ELECTRA, by TorchScript, as optimum and transformers.js lay folders out: word vectors
                            narrower than the layers
  albert/model.onnx         ALBERT, by torch.export: the same, and all layers share their weights
  bert/onnx/model.onnx      a BERT, by TorchScript, and bert/model.safetensors, the same weights
  golden.json               of electra and albert, for sentences in several scripts: ids, and last_hidden_state

Needs torch, transformers, onnx and onnxscript.
Run from the repository's root: python test/oracles/imported.py
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import AlbertConfig, AlbertModel, BertConfig, BertModel, ElectraConfig, ElectraModel, PreTrainedTokenizerFast

sys.path.insert(0, str(Path(__file__).parent))
from onnx_import import Hidden, TypedHidden, export, inputs, numbers, randomise  # noqa: E402

BASE = Path("test/fixtures/base")
OUT = Path("test/fixtures/imported")
COMMON = {
    "vocab_size": 179,
    "embedding_size": 16,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "attn_implementation": "eager",
}
SENTENCES = json.loads((BASE / "golden.json").read_text())


def save(name: str, path: str, model, wrapped, exporter: str, opset: int) -> dict:
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / path).parent.mkdir(parents=True)
    typed = isinstance(wrapped, TypedHidden)
    given = {key: value % 50 if key == "input_ids" else value for key, value in inputs([6, 4], typed, 0).items()}
    export(wrapped.eval(), given, folder / path, exporter, opset)
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copy(BASE / file, folder / file)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(BASE / "tokenizer.json"))
    golden = []
    for each in SENTENCES[:6]:
        ids = tokenizer(each["text"])["input_ids"]
        mask = torch.ones(1, len(ids), dtype=torch.long)
        given = (torch.tensor([ids]), mask, *([torch.zeros_like(mask)] if typed else []))
        golden.append({"text": each["text"], "ids": ids, "last_hidden_state": numbers(wrapped(*given))})
    return golden


def main() -> None:
    torch.manual_seed(25)
    electra = ElectraModel(ElectraConfig(**COMMON))
    albert = AlbertModel(AlbertConfig(**COMMON), add_pooling_layer=False)
    golden = {}
    for model in (electra, albert):
        randomise(model)
    golden["electra"] = save("electra", "onnx/model.onnx", electra, TypedHidden(electra), "script", 17)
    golden["albert"] = save("albert", "model.onnx", albert, Hidden(albert), "dynamo", 18)
    bert = BertModel(BertConfig(**{**COMMON, "num_hidden_layers": 1}), add_pooling_layer=False)
    randomise(bert)
    save("bert", "onnx/model.onnx", bert, TypedHidden(bert), "script", 17)
    bert.save_pretrained(OUT / "bert")
    (OUT / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
