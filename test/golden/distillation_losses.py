"""Writes vectors/distillation_losses.json: python3 test/golden/distillation_losses.py

Losses between the insides of a student and a teacher and their gradients by torch.autograd, in float64,
for src/core/training/losses/insides.test.ts: attention maps (MiniLM, arXiv:2002.10957, eq. 4), relations
of vectors (MiniLMv2, arXiv:2012.15828, eq. 3-5), hidden states through a projection. Written from the
papers' equations with torch's own functions. Needs Debian's python3-torch.
"""
import json
from math import gcd
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(7)
BATCH, TOKENS = 2, 5
CAUSAL = torch.tril(torch.ones(TOKENS, TOKENS, dtype=torch.bool)).expand(BATCH, 1, TOKENS, TOKENS)
# The second sequence has two tokens of padding.
KEPT = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], dtype=torch.bool)
PADDED = KEPT[:, None, None, :].expand(BATCH, 1, TOKENS, TOKENS)
EVERYBODY = torch.ones(BATCH, TOKENS, dtype=torch.bool)


def drawn(*dims):
    """Three decimals: short in the file and exact when read back."""
    return torch.round(torch.randn(dims, dtype=torch.float64) * 1000) / 1000


def masked(scores, mask):
    return scores.masked_fill(~mask, float("-inf"))


def row_divergence(student, teacher, mask, real):
    """Mean over heads and real rows of KL(softmax(teacher) || softmax(student))."""
    p = masked(teacher, mask).softmax(-1)
    log_p = masked(teacher, mask).log_softmax(-1).masked_fill(~mask, 0)
    log_q = masked(student, mask).log_softmax(-1).masked_fill(~mask, 0)
    rows = (p * (log_p - log_q)).sum(-1)
    weight = real[:, None, :].to(rows.dtype)
    return (rows * weight).sum() / (weight.sum() * rows.shape[1])


def relation(vectors, heads):
    """A A^T / sqrt(d) for every relation head of vectors [batch, heads, tokens, size]."""
    batch, own, tokens, size = vectors.shape
    together = vectors.transpose(1, 2).reshape(batch, tokens, heads, own * size // heads)
    a = together.transpose(1, 2)
    return a @ a.transpose(-1, -2) / a.shape[-1] ** 0.5


def plain(x):
    return {"dims": list(x.shape), "values": x.detach().reshape(-1).tolist()}


def case(kind, name, student, teacher, f, **more):
    leaf = student.clone().requires_grad_()
    loss = f(leaf, teacher)
    loss.backward()
    return {"kind": kind, "name": name, "student": plain(student), "teacher": plain(teacher),
            "loss": loss.item(), "gradient": plain(leaf.grad), **more}


def attention(name, mask, real):
    size = (BATCH, 3, TOKENS, TOKENS)
    f = lambda s, t: row_divergence(s, t, mask, real)
    return case("attention", name, 2 * drawn(*size), 2 * drawn(*size), f,
                mask=plain(mask.expand(BATCH, 1, TOKENS, TOKENS).to(torch.float64)))


def relations(name, mask, real, student, teacher):
    heads = gcd(student[0], teacher[0])
    f = lambda s, t: row_divergence(relation(s, heads), relation(t, heads), mask, real)
    vectors = [drawn(BATCH, count, TOKENS, size) for count, size in (student, teacher)]
    return case("relations", name, *vectors, f,
                mask=plain(mask.expand(BATCH, 1, TOKENS, TOKENS).to(torch.float64)))


def hidden(name, f):
    projection = drawn(3, 4)
    student, teacher = drawn(BATCH, TOKENS, 3), drawn(BATCH, TOKENS, 4)
    return case("hidden", name, student, teacher, lambda s, t: f(s @ projection, t), projection=plain(projection))


CASES = [
    attention("causal", CAUSAL, EVERYBODY),
    attention("padded", PADDED, KEPT),
    relations("causal, fewer and smaller heads", CAUSAL, EVERYBODY, (2, 2), (4, 3)),
    relations("padded, as many heads", PADDED, KEPT, (3, 2), (3, 4)),
    hidden("mse", F.mse_loss),
    hidden("cosine", lambda a, b: (1 - F.cosine_similarity(a, b, dim=-1)).mean()),
]
target = Path(__file__).parent / "vectors" / "distillation_losses.json"
target.write_text(json.dumps({"torch": torch.__version__, "cases": CASES}) + "\n")
print({f"{c['kind']} {c['name']}": round(c["loss"], 4) for c in CASES})
