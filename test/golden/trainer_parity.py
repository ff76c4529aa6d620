"""Writes vectors/trainer.json: the losses of 50 AdamW steps of the small story model in PyTorch, float32.

    npx tsx test/golden/export-training.ts FOLDER
    python3 test/golden/trainer_parity.py FOLDER

Warm-up and cosine, clipping and decay are PyTorch's or written here from their equations; the weights
and the order of the data come from the export. The same in float64 is printed beside.
"""
import json
import math
import pathlib
import sys

import torch

from torch_llama import Llama, adamw, step


def rate_at(t, schedule):
    peak, warmup, floor = schedule["learningRate"], schedule["warmup"], schedule["floor"]
    if t < warmup:
        return peak * (t + 1) / warmup
    done = (t - warmup) / (schedule["steps"] - warmup)
    return peak * (floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2)


def losses(folder, training, dtype):
    config = training["config"]
    model = Llama(folder / "model.onnx", config["heads"], config["keyValueHeads"]).to(dtype)
    optimiser = adamw(list(model.parameters()), training["adamW"])
    found = []
    for t, batch in enumerate(training["batches"]):
        ids, labels = (torch.tensor(batch[k]).view(training["dims"]) for k in ("inputs", "labels"))
        rate = rate_at(t, training["schedule"])
        found.append(step(model, optimiser, ids, labels, rate, training["adamW"]["clipNorm"]))
    return found


def main(folder):
    torch.set_num_threads(1)
    training = json.loads((folder / "training.json").read_text())
    single = losses(folder, training, torch.float32)
    double = losses(folder, training, torch.float64)
    print("largest difference of float32 and float64:", max(abs(a - b) for a, b in zip(single, double)))
    print("first and last loss:", single[0], single[-1])
    target = pathlib.Path(__file__).parent / "vectors" / "trainer.json"
    target.write_text(json.dumps({"torch": torch.__version__, "losses": single}, indent=1) + "\n")


main(pathlib.Path(sys.argv[1]))
