"""Exported ONNX models in onnxruntime for Python against Refract's Encoder; see onnx-export.ts.

    python test/oracles/onnx_export.py exported reference.json
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

exported, reference = Path(sys.argv[1]), json.load(open(sys.argv[2]))
shape, dim = reference["shape"], reference["dim"]
feeds = {
    name: np.array(reference[key], np.int64).reshape(shape)
    for name, key in (("input_ids", "ids"), ("attention_mask", "mask"))
}
for name in ("model.onnx", "model_fp16.onnx", "model_quantized.onnx"):
    session = onnxruntime.InferenceSession(exported / "onnx" / name, providers=["CPUExecutionProvider"])
    (found,) = session.run(["token_vectors"], feeds)
    assert found.shape == (*shape, dim) and found.dtype == np.float32, (found.shape, found.dtype)
    counted = feeds["attention_mask"].astype(bool)
    expected = np.concatenate([np.array(v, np.float32).reshape(-1, dim) for v in reference["vectors"]])
    print(json.dumps(dict(
        name=f"onnxruntime {onnxruntime.__version__} {name}",
        difference=float(np.abs(found[counted] - expected).max()),
        cosine=float((found[counted] * expected).sum(-1).min()),
        padding=float(np.abs(found[~counted]).max()),
    )))
