"""Executes an ONNX graph operator by operator with PyTorch in float64, so that autograd gives its gradients.

Only what the layout fixtures and exported models hold is here, plain and fused; shapes and indices are int64 tensors.
"""
import math

import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

FLOAT = torch.float64
CAST = {1: FLOAT, 6: torch.int32, 7: torch.int64, 9: torch.bool, 11: FLOAT}


def tensor_of(array):
    """A PyTorch tensor of a NumPy array; floats become float64."""
    array = numpy.array(array)
    return torch.tensor(array, dtype=FLOAT) if array.dtype.kind == "f" else torch.tensor(array)


def execute(model, feeds, weights):
    """Outputs of the graph, by name. `weights` maps initializer names to tensors that stand for them."""
    values = {t.name: tensor_of(numpy_helper.to_array(t)) for t in model.graph.initializer}
    values.update(weights)
    values.update(feeds)
    opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    for node in model.graph.node:
        run_node(node, values, opset)
    return {o.name: values[o.name] for o in model.graph.output}


def run_node(node, values, opset):
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    inputs = [values[name] if name else None for name in node.input]
    table = FUSED if node.domain == "com.microsoft" else PLAIN
    result = table[node.op_type](inputs, attributes, opset)
    outputs = result if isinstance(result, (tuple, list)) else (result,)
    for name, value in zip(node.output, outputs):
        if name and value is not None:
            values[name] = value


def axes_of(x, a):
    return [int(v) for v in x[1]] if len(x) > 1 else list(a["axes"])


def reshape(x, a, _):
    shape = [int(v) for v in x[1]]
    return x[0].reshape([x[0].shape[i] if v == 0 else v for i, v in enumerate(shape)])


def unsqueeze(x, a, _):
    rank = x[0].dim() + len(axes_of(x, a))
    y = x[0]
    for axis in sorted(v % rank for v in axes_of(x, a)):
        y = y.unsqueeze(axis)
    return y


def squeeze(x, a, _):
    y = x[0]
    for axis in sorted((v % x[0].dim() for v in axes_of(x, a)), reverse=True):
        y = y.squeeze(axis)
    return y


def slices(x, a, _):
    starts, ends, axes = ([int(v) for v in part] for part in x[1:4])
    y = x[0]
    for start, end, axis in zip(starts, ends, axes):
        size = y.shape[axis]
        start, end = (min(v + size if v < 0 else v, size) for v in (start, end))
        y = y.narrow(axis, start, max(0, end - start))
    return y


def split(x, a, _):
    sizes = [int(v) for v in x[1]] if len(x) > 1 else list(a["split"])
    return torch.split(x[0], sizes, a.get("axis", 0))


def gather(x, a, _):
    axis = a.get("axis", 0)
    indices = x[1].long()
    picked = x[0].index_select(axis, indices.reshape(-1))
    shape = x[0].shape
    return picked.reshape(list(shape[:axis]) + list(indices.shape) + list(shape[axis % len(shape) + 1:]))


def reduced(function):
    def run(x, a, _):
        return function(x[0], axes_of(x, a), bool(a.get("keepdims", 1)))
    return run


def gemm(x, a, _):
    left = x[0].T if a.get("transA", 0) else x[0]
    right = x[1].T if a.get("transB", 0) else x[1]
    y = a.get("alpha", 1.0) * (left @ right)
    return y + a.get("beta", 1.0) * x[2] if len(x) > 2 else y


def conv(x, a, _):
    rank = x[0].dim() - 2
    pads = a.get("pads", [0] * 2 * rank)
    sides = [p for axis in reversed(range(rank)) for p in (pads[axis], pads[axis + rank])]
    run = {1: F.conv1d, 2: F.conv2d}[rank]
    return run(F.pad(x[0], sides), x[1], x[2], stride=tuple(a.get("strides", [1] * rank)))


def softmax(x, a, opset):
    axis = a.get("axis", -1 if opset >= 13 else 1) % x[0].dim()
    if opset < 13 and axis != x[0].dim() - 1:
        return torch.softmax(x[0].flatten(axis), -1).reshape(x[0].shape)
    return torch.softmax(x[0], axis)


def layer_norm(x, gamma, beta, epsilon):
    return F.layer_norm(x, x.shape[-1:], gamma, beta, epsilon)


def rms_norm(x, gamma, epsilon):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + epsilon) * gamma


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def extreme(choose):
    def run(x, a, _):
        y = x[0]
        for other in x[1:]:
            y = choose(y, other)
        return y
    return run


def clip(x, a, _):
    return torch.minimum(torch.maximum(x[0], x[1]), x[2])


def trilu(x, a, _):
    return (torch.triu if a.get("upper", 1) else torch.tril)(x[0], int(x[1]))


def rotate(x, cos, sin, interleaved):
    """x [B, N, S, H], cos and sin [B or 1, S, H/2]."""
    cos, sin = cos.unsqueeze(1), sin.unsqueeze(1)
    a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
    real, imaginary = a * cos - b * sin, a * sin + b * cos
    if not interleaved:
        return torch.cat([real, imaginary], -1)
    return torch.stack([real, imaginary], -1).flatten(-2)


def split_heads(x, heads):
    return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)


def join_heads(x):
    return x.transpose(1, 2).flatten(2)


def attend(q, k, v, scale, bias=None, causal=False):
    group = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
    scores = q @ k.transpose(-1, -2) * (scale or 1 / math.sqrt(q.shape[-1]))
    if bias is not None:
        scores = scores + bias
    if causal:
        later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, -1e300)
    return torch.softmax(scores, -1) @ v


def padding(mask):
    """[B, T] of 0 and 1 → added to the scores."""
    return None if mask is None else ((1 - mask.to(FLOAT)) * -10000)[:, None, None, :]


def at(x, index):
    return x[index] if index < len(x) else None


def fused_attention(x, a, _):
    q, k, v = (split_heads(part, a["num_heads"]) for part in (x[0] @ x[1] + x[2]).chunk(3, -1))
    return join_heads(attend(q, k, v, a.get("scale"), padding(at(x, 3)), a.get("unidirectional", 0)))


def multi_head(x, a, _):
    q, k, v = (split_heads(part, a["num_heads"]) for part in x[:3])
    bias = padding(at(x, 4)) if at(x, 5) is None else x[5]
    return join_heads(attend(q, k, v, a.get("scale"), bias, a.get("unidirectional", 0)))


def group_query(x, a, _):
    q, k, v = split_heads(x[0], a["num_heads"]), split_heads(x[1], a["kv_num_heads"]), split_heads(x[2], a["kv_num_heads"])
    length = q.shape[2]
    cos, sin = x[7][None, :length], x[8][None, :length]
    q, k = (rotate(part, cos, sin, a["rotary_interleaved"]) for part in (q, k))
    return join_heads(attend(q, k, v, a.get("scale"), None, True)), k, v


def standard_attention(x, a, _):
    return attend(x[0], x[1], x[2], a.get("scale"), None, a.get("is_causal", 0))


def skip_norm(norm, bias_at):
    def run(x, a, _):
        total = x[0] + x[1] + (x[bias_at] if len(x) > bias_at else 0)
        return norm(total, x, a["epsilon"]), None, None, total
    return run


def embed_norm(x, a, _):
    ids, types, word, position, segment, gamma, beta = x[:7]
    total = word[ids.long()] + position[: ids.shape[1]] + segment[types.long()]
    return layer_norm(total, gamma, beta, a["epsilon"]), None


def fused_matmul(x, a, _):
    left = x[0].transpose(-1, -2) if a.get("transA", 0) else x[0]
    right = x[1].transpose(-1, -2) if a.get("transB", 0) else x[1]
    return a.get("alpha", 1.0) * (left @ right)


def unary(function):
    return lambda x, a, _: function(x[0])


def binary(function):
    return lambda x, a, _: function(x[0], x[1])


PLAIN = {
    "Add": binary(torch.add),
    "Sub": binary(torch.sub),
    "Mul": binary(torch.mul),
    "Div": binary(lambda a, b: a / b),
    "Pow": binary(torch.pow),
    "MatMul": binary(torch.matmul),
    "Greater": binary(torch.gt),
    "LessOrEqual": binary(torch.le),
    "Constant": lambda x, a, _: tensor_of(numpy_helper.to_array(a["value"])),
    "Sqrt": unary(torch.sqrt),
    "Reciprocal": unary(torch.reciprocal),
    "Neg": unary(torch.neg),
    "Erf": unary(torch.erf),
    "Tanh": unary(torch.tanh),
    "Sigmoid": unary(torch.sigmoid),
    "Relu": unary(torch.relu),
    "Gelu": unary(gelu),
    "Cos": unary(torch.cos),
    "Sin": unary(torch.sin),
    "Max": extreme(torch.maximum),
    "Clip": clip,
    "Where": lambda x, a, _: torch.where(x[0], x[1], x[2]),
    "Cast": lambda x, a, _: x[0].to(CAST[a["to"]]),
    "Softmax": softmax,
    "Gemm": gemm,
    "Conv": conv,
    "LayerNormalization": lambda x, a, _: layer_norm(x[0], x[1], x[2], a["epsilon"]),
    "RMSNormalization": lambda x, a, _: rms_norm(x[0], x[1], a["epsilon"]),
    "SimplifiedLayerNormalization": lambda x, a, _: rms_norm(x[0], x[1], a["epsilon"]),
    "ReduceMean": reduced(lambda x, axes, keep: x.mean(axes, keepdim=keep)),
    "ReduceSum": reduced(lambda x, axes, keep: x.sum(axes, keepdim=keep)),
    "Reshape": reshape,
    "Transpose": lambda x, a, _: x[0].permute(*a["perm"]),
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Expand": lambda x, a, _: x[0] * torch.ones([int(v) for v in x[1]], dtype=x[0].dtype),
    "Tile": lambda x, a, _: x[0].repeat([int(v) for v in x[1]]),
    "Slice": slices,
    "Split": split,
    "Concat": lambda x, a, _: torch.cat(x, a["axis"]),
    "Gather": gather,
    "Shape": lambda x, a, _: torch.tensor(list(x[0].shape)),
    "Range": lambda x, a, _: torch.arange(int(x[0]), int(x[1]), int(x[2])),
    "CumSum": lambda x, a, _: torch.cumsum(x[0], int(x[1])),
    "Trilu": trilu,
    "Attention": standard_attention,
    "RotaryEmbedding": lambda x, a, _: rotate(x[0], x[1][x[3]], x[2][x[3]], a["interleaved"]),
}

FUSED = {
    "Gelu": unary(gelu),
    "BiasGelu": lambda x, a, _: gelu(x[0] + x[1]),
    "FastGelu": lambda x, a, _: gelu_tanh(x[0] + x[1] if len(x) > 1 else x[0]),
    "QuickGelu": lambda x, a, _: x[0] * torch.sigmoid(a.get("alpha", 1.702) * x[0]),
    "FusedMatMul": fused_matmul,
    "SkipLayerNormalization": skip_norm(lambda s, x, e: layer_norm(s, x[2], x[3], e), 4),
    "SkipSimplifiedLayerNormalization": skip_norm(lambda s, x, e: rms_norm(s, x[2], e), 3),
    "EmbedLayerNormalization": embed_norm,
    "RotaryEmbedding": lambda x, a, _: rotate(x[0], x[2][x[1]], x[3][x[1]], a["interleaved"]),
    "Attention": fused_attention,
    "MultiHeadAttention": multi_head,
    "GroupQueryAttention": group_query,
}
