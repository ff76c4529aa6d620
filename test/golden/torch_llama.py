"""The Llama-like layout of src/core/onnx/build/llama.ts and its optimiser as anyone would write them in PyTorch."""
import math

import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


class Llama(torch.nn.Module):
    """Weights come from an ONNX file of `buildLlama`: matrices [in, out]."""

    def __init__(self, path, heads, key_value_heads):
        super().__init__()
        arrays = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}
        self.names = [name for name in arrays if name.endswith(".weight")]
        for name in self.names:
            weight = torch.nn.Parameter(torch.tensor(arrays[name]))
            self.register_parameter(name.replace(".", "/"), weight)
        self.heads, self.key_value_heads = heads, key_value_heads
        self.blocks = sum(name.endswith("q_proj.weight") for name in self.names)

    def __getitem__(self, name):
        return getattr(self, f"{name}.weight".replace(".", "/"))

    def has(self, name):
        return f"{name}.weight" in self.names

    def linear(self, x, name):
        return x @ self[name]

    def norm(self, x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self[name]

    def forward(self, ids):
        x = F.embedding(ids, self["model.embed_tokens"])
        rotation = rotary(ids.shape[1], x.shape[2] // self.heads, x.dtype)
        for block in range(self.blocks):
            name = f"model.layers.{block}"
            h = self.norm(x, f"{name}.input_layernorm")
            x = x + self.attention(h, f"{name}.self_attn", rotation)
            h = self.norm(x, f"{name}.post_attention_layernorm")
            gated = F.silu(self.linear(h, f"{name}.mlp.gate_proj")) * self.linear(h, f"{name}.mlp.up_proj")
            x = x + self.linear(gated, f"{name}.mlp.down_proj")
        x = self.norm(x, "model.norm")
        head = self["lm_head"] if self.has("lm_head") else self["model.embed_tokens"].t()
        return x @ head

    def attention(self, x, name, rotation):
        batch, length, _ = x.shape
        split = lambda part, heads: self.linear(x, f"{name}.{part}").view(batch, length, heads, -1).transpose(1, 2)
        q = turned(split("q_proj", self.heads), rotation)
        k = turned(split("k_proj", self.key_value_heads), rotation)
        v = split("v_proj", self.key_value_heads)
        times = self.heads // self.key_value_heads
        k, v = (t.repeat_interleave(times, dim=1) if times > 1 else t for t in (k, v))
        scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
        masked = scores + torch.full((length, length), -math.inf, dtype=x.dtype).triu(1)
        mixed = (masked.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, -1)
        return self.linear(mixed, f"{name}.o_proj")


def rotary(length, size, dtype):
    frequencies = 10000.0 ** (-torch.arange(size // 2, dtype=torch.float64) / (size // 2))
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequencies).repeat(1, 2)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def turned(x, rotation):
    cos, sin = rotation
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin


def adamw(parameters, options):
    """Matrices decay, vectors do not."""
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": options["weightDecay"]},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    betas = (options["beta1"], options["beta2"])
    return torch.optim.AdamW(groups, lr=0.0, betas=betas, eps=options["epsilon"])


def step(model, optimiser, ids, labels, rate, clip):
    """One training step; the loss before it."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    logits = model(ids)
    loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], clip)
    optimiser.step()
    return loss.item()
