"""Whole-model gradients of the layout fixtures and exported models by PyTorch's autograd in float64.

    npx tsx test/golden/export-models.ts FOLDER
    python3 test/golden/model_gradients.py FOLDER

L = Σ over the float outputs of Σ output ⊙ waves, waves[k] = sin(12.9898 (k + 1) + 78.233). For each
weight (float initializer of more than one element, in the file's order) the vectors hold ‖∂L/∂w‖,
Σ ∂L/∂w ⊙ waves, and up to a number of evenly spaced elements of ∂L/∂w.
"""
import json
import pathlib
import sys

import numpy
import onnx
import torch
from onnx import numpy_helper

from onnx_torch import execute, tensor_of

# One of each of the three layouts is kept nearly whole, the others by a few elements.
WHOLE = ["gpt2 plain, opset 11", "bert plain, opset 11", "vit plain, opset 11"]
SAMPLES = {"whole": 400, "other": 32}


def waves(count):
    return torch.sin(12.9898 * torch.arange(1, count + 1, dtype=torch.float64) + 78.233)


def feed_of(feed):
    kind = {"float32": numpy.float32, "int32": numpy.int32, "int64": numpy.int64}[feed["type"]]
    return tensor_of(numpy.array(feed["values"], dtype=kind).reshape(feed["dims"]))


def gradients(path, feeds):
    model = onnx.load(path)
    arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    weights = {
        name: tensor_of(array).requires_grad_()
        for name, array in arrays.items()
        if array.dtype == numpy.float32 and array.size > 1
    }
    given = {i.name: feed_of(feeds[i.name]) for i in model.graph.input}
    outputs = execute(model, given, weights).values()
    loss = sum((value.reshape(-1) * waves(value.numel())).sum() for value in outputs)
    loss.backward()
    return {name: weight.grad for name, weight in weights.items()}


def summary(gradient, samples):
    flat = gradient.reshape(-1)
    step = -(-flat.numel() // samples)
    return [flat.norm(), (flat * waves(flat.numel())).sum(), *flat[::step]]


def main(folder):
    fixtures, numbers = [], []
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        description = json.loads(path.read_text())
        samples = SAMPLES["whole" if description["name"] in WHOLE else "other"]
        found = gradients(path.with_suffix(".onnx"), description["feeds"])
        fixtures.append({"name": description["name"], "offset": len(numbers), "samples": samples, "weights": len(found)})
        for gradient in found.values():
            numbers.extend(float(v) for v in summary(gradient, samples))
    target = pathlib.Path(__file__).parent / "vectors"
    numpy.array(numbers, dtype="<f4").tofile(target / "model_gradients.f32")
    (target / "model_gradients.json").write_text(json.dumps({"fixtures": fixtures}, indent=1) + "\n")
    print(len(fixtures), "models,", len(numbers) * 4, "bytes")


if __name__ == "__main__":
    main(sys.argv[1])
