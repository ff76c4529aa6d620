"""Writes vectors/gradients.json: python3 test/golden/gradients.py

Gradients of single operators by torch.autograd, in float64, for src/core/autodiff/rules/golden.test.ts.
Each case is one ONNX node: its attributes, inputs, the gradient that arrives at each output, and the
gradients that must arrive at the inputs. Needs Debian's python3-torch.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(20)
CASES = []


def uniform(*dims, low=-1.0, high=1.0):
    return rounded(torch.rand(dims, dtype=torch.float64) * (high - low) + low)


def rounded(x):
    """Three decimals: short in the file and exact when read back."""
    return torch.round(x * 1000) / 1000


def positive(*dims):
    return uniform(*dims, low=0.4, high=2.0)


def plain(x):
    return {"dims": list(x.shape), "values": x.reshape(-1).tolist()}


def stored(x):
    if x is None:
        return None
    if x.dtype == torch.float64:
        return plain(x)
    kind = {torch.int64: "int64", torch.bool: "bool", torch.uint8: "uint8", torch.int8: "int8"}[x.dtype]
    return {"dims": list(x.shape), "values": x.reshape(-1).to(torch.int64).tolist(), "type": kind, "constant": True}


def longs(*values):
    return torch.tensor(values, dtype=torch.int64)


def case(operator, f, *inputs, attributes=None, extra=(), opset=18):
    """`f` maps the float inputs (and integer ones) to the outputs; `extra` are further inputs of the node alone."""
    leaves = [x.clone().requires_grad_(x.dtype == torch.float64) if x is not None else None for x in inputs]
    outputs = f(*leaves)
    outputs = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
    upstream = [uniform(*y.shape) for y in outputs]
    floats = [x for x in leaves if x is not None and x.requires_grad]
    found = torch.autograd.grad(outputs, floats, upstream, allow_unused=True)
    by_leaf = {id(x): g for x, g in zip(floats, found)}
    gradients = [None if x is None or not x.requires_grad else plain(by_leaf[id(x)]) for x in leaves]
    CASES.append({
        "operator": operator,
        "opset": opset,
        "attributes": attributes or {},
        "inputs": [stored(x) for x in inputs] + [stored(x) for x in extra],
        "outputs": len(outputs),
        "upstream": [plain(g) for g in upstream],
        "gradients": gradients + [None] * len(extra),
    })


def attribute(value):
    return {"float": value}


def arithmetic():
    a, b = uniform(2, 3), uniform(4, 1, 3)
    case("Add", torch.add, a, b)
    case("Sub", torch.sub, a, b)
    case("Mul", torch.mul, a, b)
    case("Div", torch.div, a, positive(4, 1, 3))
    case("Pow", torch.pow, positive(2, 3), uniform(3))
    for exponent in (2.0, 3.0, 0.5, -1.5):
        e = torch.tensor(exponent, dtype=torch.float64)
        case("Pow", torch.pow, positive(2, 3), e)
    case("Pow", torch.pow, torch.tensor([0.0, -0.5, 0.7, 1.0], dtype=torch.float64), longs(0, 3, 2, 1))
    case("Sum", lambda x, y, z: x + y + z, a, b, uniform(3))
    case("Mean", lambda x, y: (x + y) / 2, a, b)
    for name, f in (("Sqrt", torch.sqrt), ("Log", torch.log), ("Reciprocal", torch.reciprocal)):
        case(name, f, positive(2, 3))
    for name, f in (("Exp", torch.exp), ("Neg", torch.neg), ("Sin", torch.sin), ("Cos", torch.cos), ("Abs", torch.abs)):
        case(name, f, uniform(2, 3))
    case("Abs", torch.abs, torch.tensor([0.0, -0.5, 0.5], dtype=torch.float64))


def activations():
    x = uniform(3, 5, low=-4, high=4)
    case("Relu", torch.relu, x)
    case("LeakyRelu", lambda v: F.leaky_relu(v, 0.2), x, attributes={"alpha": attribute(0.2)})
    case("Elu", lambda v: F.elu(v, 0.7), x, attributes={"alpha": attribute(0.7)})
    case("PRelu", lambda v, a: torch.where(v > 0, v, a * v), x, uniform(5))
    case("Sigmoid", torch.sigmoid, x)
    case("Tanh", torch.tanh, x)
    case("Erf", torch.erf, x)
    case("Softplus", lambda v: F.softplus(v, threshold=100), x)
    case("Softsign", F.softsign, x)
    case("Mish", F.mish, x)
    case("HardSigmoid", F.hardsigmoid, x,
         attributes={"alpha": attribute(torch.tensor(1 / 6).item()), "beta": attribute(0.5)})  # torch keeps ⅙ in float32
    case("HardSwish", F.hardswish, x)
    case("Gelu", F.gelu, x, opset=20)
    case("Gelu", lambda v: F.gelu(v, approximate="tanh"), x, attributes={"approximate": "tanh"}, opset=20)
    case("Swish", F.silu, x, opset=24)


def selection():
    condition = torch.tensor([[True], [False]])
    case("Where", torch.where, condition, uniform(2, 3), uniform(3))
    case("Max", torch.maximum, uniform(2, 3), uniform(3))
    tied = torch.tensor([0.5, 1.0, -1.0], dtype=torch.float64)
    case("Max", torch.maximum, tied, torch.tensor([0.5, 2.0, -2.0], dtype=torch.float64))
    case("Min", torch.minimum, tied, torch.tensor([0.5, 2.0, -2.0], dtype=torch.float64))
    bounds = [torch.tensor(v, dtype=torch.float64) for v in (-0.3, 0.4)]
    case("Clip", lambda x, low, high: torch.clamp(x, low, high), uniform(2, 5), *bounds)


def products():
    case("MatMul", torch.matmul, uniform(2, 2, 3), uniform(3, 4))
    case("MatMul", torch.matmul, uniform(2, 1, 2, 3), uniform(3, 3, 2))
    case("MatMul", torch.matmul, uniform(3), uniform(2, 3, 2))
    case("Gemm", lambda a, b, c: 0.5 * a.t() @ b.t() + 1.5 * c, uniform(3, 2), uniform(4, 3), uniform(4),
         attributes={"transA": 1, "transB": 1, "alpha": attribute(0.5), "beta": attribute(1.5)})
    case("Gemm", lambda a, b, c: a @ b + c, uniform(2, 3), uniform(3, 4), uniform(2, 1))
    for equation, dims in (("bid,bjd->bij", ((2, 3, 2), (2, 4, 2))), ("bhqk,bhkd->bqhd", ((1, 2, 2, 3), (1, 2, 3, 2))),
                           ("ij,kj->ki", ((2, 3), (4, 3))), ("ij->ji", ((2, 3),)), ("...ij,...jk->...ik", ((2, 2, 3), (2, 3, 2)))):
        case("Einsum", lambda *v, e=equation: torch.einsum(e, *v), *[uniform(*d) for d in dims],
             attributes={"equation": equation})


def convolutions():
    case("Conv", lambda x, w, b: F.conv1d(x, w, b, padding=1), uniform(2, 2, 5), uniform(3, 2, 3), uniform(3),
         attributes={"pads": [1, 1]})
    case("Conv", lambda x, w: F.conv1d(x, w, stride=2, dilation=2, padding=1), uniform(1, 2, 8), uniform(2, 2, 3),
         attributes={"pads": [1, 1], "strides": [2], "dilations": [2]})
    case("Conv", lambda x, w, b: F.conv1d(x, w, b, groups=2), uniform(2, 4, 4), uniform(4, 2, 3), uniform(4),
         attributes={"group": 2})
    case("Conv", lambda x, w, b: F.conv2d(x, w, b, stride=2), uniform(2, 2, 4, 4), uniform(3, 2, 2, 2), uniform(3),
         attributes={"strides": [2, 2]})
    case("Conv", lambda x, w: F.conv2d(x, w, stride=(1, 2), padding=(1, 0)), uniform(1, 2, 3, 6), uniform(2, 2, 2, 3),
         attributes={"strides": [1, 2], "pads": [1, 0, 1, 0]})


def normalizations():
    x = uniform(2, 3, 4, low=-2, high=2)
    case("Softmax", lambda v: torch.softmax(v, -1), x)
    case("Softmax", lambda v: torch.softmax(v, 1), x, attributes={"axis": 1})
    case("LogSoftmax", lambda v: torch.log_softmax(v, -1), x)
    epsilon = {"epsilon": attribute(1e-3)}
    case("LayerNormalization", lambda v, g, b: F.layer_norm(v, (4,), g, b, 1e-3), x, uniform(4), uniform(4),
         attributes=epsilon)
    case("LayerNormalization", lambda v, g, b: F.layer_norm(v, (3, 4), g, b, 1e-3), x, uniform(3, 4), uniform(3, 4),
         attributes={**epsilon, "axis": 1})

    def rms(v, g):
        return v * torch.rsqrt(v.pow(2).mean(-1, keepdim=True) + 1e-3) * g

    case("RMSNormalization", rms, x, uniform(4), attributes=epsilon, opset=23)
    case("SimplifiedLayerNormalization", rms, x, uniform(4), attributes=epsilon)

    def batch_norm(v, g, b, m, s):
        m, s, g, b = (t.reshape(1, -1, 1) for t in (m, s, g, b))
        return (v - m) / torch.sqrt(s + 1e-3) * g + b

    case("BatchNormalization", batch_norm, x, uniform(3), uniform(3), uniform(3), positive(3), attributes=epsilon)


def reductions():
    axes = longs(0, 2)
    x = uniform(2, 3, 2)
    tied = torch.tensor([[1.0, 0.5, 1.0], [0.2, 0.2, 0.2]], dtype=torch.float64)
    keep = {"keepdims": 1}
    drop = {"keepdims": 0}
    case("ReduceSum", lambda v: v.sum((0, 2), True), x, extra=[axes], attributes=keep)
    case("ReduceMean", lambda v: v.mean((0, 2)), x, extra=[axes], attributes=drop)
    case("ReduceMax", lambda v: v.amax((0, 2), True), x, extra=[axes], attributes=keep)
    case("ReduceMax", lambda v: v.amax(1), tied, extra=[longs(1)], attributes=drop)
    case("ReduceMin", lambda v: v.amin(1), tied, extra=[longs(1)], attributes=drop)
    case("ReduceSumSquare", lambda v: v.pow(2).sum((0, 2)), x, extra=[axes], attributes=drop)
    case("ReduceL1", lambda v: v.abs().sum((0, 2)), x, extra=[axes], attributes=drop)
    case("ReduceL2", lambda v: torch.linalg.vector_norm(v, dim=(0, 2)), x, extra=[axes], attributes=drop)
    case("ReduceL2", lambda v: torch.linalg.vector_norm(v, dim=1), torch.zeros(2, 3, dtype=torch.float64),
         extra=[longs(1)], attributes=drop)
    case("ReduceLogSumExp", lambda v: v.logsumexp((0, 2)), x, extra=[axes], attributes=drop)
    case("ReduceLogSum", lambda v: v.sum((0, 2)).log(), positive(2, 3, 2), extra=[axes], attributes=drop)
    case("CumSum", lambda v: v.cumsum(1), x, extra=[torch.tensor(1)])
    case("Trilu", lambda v: v.triu(1), uniform(2, 3, 3), extra=[torch.tensor(1)])
    case("Trilu", lambda v: v.tril(), uniform(3, 4), attributes={"upper": 0})


def shapes():
    x = uniform(2, 1, 3)
    case("Identity", lambda v: v * 1, x)
    case("Reshape", lambda v: v.reshape(3, 2), x, extra=[longs(3, 2)])
    case("Squeeze", lambda v: v.squeeze(1), x, extra=[longs(1)])
    case("Unsqueeze", lambda v: v.unsqueeze(0), x, extra=[longs(0)])
    case("Flatten", lambda v: v.flatten(1), x)
    case("Transpose", lambda v: v.permute(2, 0, 1), x, attributes={"perm": [2, 0, 1]})
    case("Expand", lambda v: v.expand(2, 4, 3), x, extra=[longs(4, 3)])
    case("Tile", lambda v: v.tile(2, 3, 1), x, extra=[longs(2, 3, 1)])
    case("Dropout", lambda v: F.dropout(v, training=False) * 1, x)
    case("Slice", lambda v: v[1:].flip(1)[:, ::2], uniform(3, 5),
         extra=[longs(1, -1), longs(9, -99), longs(0, 1), longs(1, -2)])
    case("Slice", lambda v: v[:, 1:6:2], uniform(2, 7), extra=[longs(1), longs(6), longs(1), longs(2)])
    case("Split", lambda v: v.split((2, 3), 1), uniform(2, 5), extra=[longs(2, 3)], attributes={"axis": 1})
    case("Concat", lambda a, b: torch.cat((a, b), 1), uniform(2, 3), uniform(2, 1), attributes={"axis": 1})
    case("Pad", lambda v: F.pad(v, (1, 2, 0, 1)), uniform(2, 3), extra=[longs(0, 1, 1, 2)])


def gathers():
    ids = torch.tensor([[1, 4, 1], [0, 1, 4]])
    case("Gather", lambda w, i: F.embedding(i, w), uniform(5, 2), ids)
    case("Gather", lambda v, i: v.index_select(1, i), uniform(2, 4, 2), longs(3, 0, 3), attributes={"axis": 1})
    case("GatherElements", lambda v, i: v.gather(1, i), uniform(3, 4), torch.tensor([[1], [3], [0]]),
         attributes={"axis": 1})
    case("GatherElements", lambda v, i: v.gather(0, i), uniform(3, 4), torch.tensor([[2, 0], [2, 1]]),
         attributes={"axis": 0})
    case("GatherND", lambda v, i: v[i[:, 0], i[:, 1]], uniform(3, 4, 2), torch.tensor([[0, 1], [2, 3], [0, 1]]))
    case("ScatterND", lambda v, i, u: v.index_put((i[:, 0],), u), uniform(4, 2), torch.tensor([[3], [1]]), uniform(2, 2))
    case("ScatterND", lambda v, i, u: v.index_put((i[:, 0],), u, accumulate=True), uniform(4, 2),
         torch.tensor([[3], [3]]), uniform(2, 2), attributes={"reduction": "add"})
    case("ScatterElements", lambda v, i, u: v.scatter(1, i, u), uniform(3, 3), torch.tensor([[1, 2]]), uniform(1, 2),
         attributes={"axis": 1})
    case("ScatterElements", lambda v, i, u: v.scatter_add(1, i, u), uniform(3, 3), torch.tensor([[1, 1]]),
         uniform(1, 2), attributes={"axis": 1, "reduction": "add"})


def dequantize():
    q = torch.tensor([[-7, 3, 5], [100, -128, 0]], dtype=torch.int8)
    z = torch.tensor([1, -3, 0], dtype=torch.int8)
    case("DequantizeLinear", lambda c, s, p: (c.double() - p.double()) * s, q, positive(3), z)
    case("DequantizeLinear", lambda c, s: c.double() * s, q, torch.tensor(0.125, dtype=torch.float64))


def fake_quantized():
    """Quantize, dequantize with the straight-through estimator; torch rounds in float32."""
    found = []
    for low, high, kind, z in ((-128, 127, "int8", 3.0), (0, 255, "uint8", 100.0)):
        x = rounded(torch.rand(24) * 6 - 3).requires_grad_(True)
        scale = torch.tensor([0.015625], requires_grad=True)
        point = torch.tensor([z], requires_grad=True)
        y = torch._fake_quantize_learnable_per_tensor_affine(x, scale, point, low, high, 1.0)
        dy = rounded(torch.rand(24) * 2 - 1)
        dx, ds = torch.autograd.grad(y, (x, scale), dy)
        found.append({"x": x.tolist(), "scale": scale.item(), "zeroPoint": z, "type": kind, "upstream": dy.tolist(),
                      "y": y.tolist(), "dx": dx.tolist(), "dscale": ds.item()})
    return found


for family in (arithmetic, activations, selection, products, convolutions, normalizations, reductions, shapes, gathers,
               dequantize):
    family()
path = Path(__file__).parent / "vectors" / "gradients.json"
lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES)
quantized = json.dumps(fake_quantized(), separators=(",", ":"))
path.write_text(f'{{"torch":"{torch.__version__}","cases":[\n{lines}\n],\n"fakeQuantized":{quantized}}}\n')
print(len(CASES), "cases,", path.stat().st_size, "bytes")
