"""Writes vectors/lora_dropout.json: loss and gradients of two LoRA layers with dropout in PyTorch, float64.

    python3 test/golden/lora_dropout.py

logits = L2(relu(L1(x))), L(x) = x·Wᵀ + (α/r)·(dropout(x)·Aᵀ)·Bᵀ, as PEFT's Linear layer computes it; the
dropout is torch.nn.functional.dropout itself, and the mask it drew is written beside.
"""
import json
import math
import pathlib

import torch
from torch.nn import functional as F

ROWS, IN, HIDDEN, CLASSES, RANK, ALPHA, SHARE = 6, 10, 12, 9, 3, 6, 0.25


def wave(rows, columns, seed):
    values = [math.sin(12.9898 * (k + 1) + 78.233 * seed) for k in range(rows * columns)]
    return torch.tensor(values, dtype=torch.float64).float().double().view(rows, columns)


def dropped(x, seed, masks):
    torch.manual_seed(seed)
    masks.append((F.dropout(torch.ones_like(x), SHARE) > 0).int().flatten().tolist())
    torch.manual_seed(seed)
    return F.dropout(x, SHARE)


def main():
    x = wave(ROWS, IN, 1)
    weights = [wave(HIDDEN, IN, 2), wave(CLASSES, HIDDEN, 3)]
    a = [wave(RANK, n, 4 + k).requires_grad_() for k, n in enumerate((IN, HIDDEN))]
    b = [wave(n, RANK, 6 + k).requires_grad_() for k, n in enumerate((HIDDEN, CLASSES))]
    masks = []

    def layer(k, x):
        return F.linear(x, weights[k]) + ALPHA / RANK * F.linear(F.linear(dropped(x, k, masks), a[k]), b[k])

    logits = layer(1, F.relu(layer(0, x)))
    labels = torch.arange(ROWS) % CLASSES
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    found = {
        "torch": torch.__version__,
        "masks": masks,
        "loss": loss.item(),
        "a": [each.grad.flatten().tolist() for each in a],
        "b": [each.grad.flatten().tolist() for each in b],
    }
    target = pathlib.Path(__file__).parent / "vectors" / "lora_dropout.json"
    target.write_text(json.dumps(found, indent=None) + "\n")


main()
