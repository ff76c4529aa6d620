"""Times the PyTorch side of tools/bench/kernels.ts: python3 reference_timings.py SIZE ROWS RUNS [NAMES].

One thread. Prints one JSON line: medians in milliseconds of processor time of the Hessian (T = 4096 tokens, as the
reference accumulates it: one full product) and of the GPTQ solve (per channel, 4 bits, asymmetric:
damped H, Cholesky, inverse, Cholesky of the inverse, column sweep in blocks of 128), written from the
paper (arXiv 2210.17323, algorithm 1); of SparseGPT (50 % and 2:4, the same solve with a mask, arXiv 2301.00774,
algorithm 1) and of ALPS (50 %, arXiv 2406.07831, algorithm 1 with the schedule of its authors' code); of HQQ (4 bits, groups of 64, 20 steps with an early stop, as its
authors' blog and code describe) and of AWQ's search (arXiv 2306.00978: 20 ratios on the outputs of 512 tokens).
Needs Debian's python3-torch.
"""
import json
import statistics
import sys
import time

import torch


def hessian(x):
    return 2.0 / x.shape[0] * x.t().matmul(x)


def gptq(weight, h, bits=4, block=128, damping=0.01):
    w, h = weight.clone(), h.clone()
    n = w.shape[1]
    top = 2**bits - 1
    low, high = w.min(1)[0].clamp(max=0), w.max(1)[0].clamp(min=0)
    scale = (high - low) / top
    zero = torch.round(-low / scale)
    h.diagonal().add_(damping * h.diagonal().mean())
    u = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(h)), upper=True)
    out = torch.zeros_like(w)
    for start in range(0, n, block):
        end = min(start + block, n)
        part = w[:, start:end].clone()
        errors = torch.zeros_like(part)
        local = u[start:end, start:end]
        for i in range(end - start):
            column = part[:, i]
            code = torch.clamp(torch.round(column / scale) + zero, 0, top)
            hat = scale * (code - zero)
            out[:, start + i] = hat
            error = (column - hat) / local[i, i]
            part[:, i:] -= error.unsqueeze(1).matmul(local[i, i:].unsqueeze(0))
            errors[:, i] = error
        w[:, end:] -= errors.matmul(u[start:end, end:])
    return out


def sparsegpt(weight, h, sparsity=0.5, pattern=None, block=128, damping=0.01):
    w, h = weight.clone(), h.clone()
    n = w.shape[1]
    h.diagonal().add_(damping * h.diagonal().mean())
    u = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(h)), upper=True)
    for start in range(0, n, block):
        end = min(start + block, n)
        part = w[:, start:end].clone()
        out, errors = torch.zeros_like(part), torch.zeros_like(part)
        local = u[start:end, start:end]
        squares = local.diagonal() ** 2
        gone = torch.zeros_like(part, dtype=torch.bool)
        if pattern is None:
            score = part**2 / squares
            gone = score <= score.flatten().sort()[0][int(score.numel() * sparsity)]
        for i in range(end - start):
            if pattern is not None and i % pattern[1] == 0:
                score = part[:, i : i + pattern[1]] ** 2 / squares[i : i + pattern[1]]
                least = score.topk(pattern[1] - pattern[0], dim=1, largest=False)[1]
                gone.scatter_(1, i + least, True)
            column = part[:, i]
            hat = torch.where(gone[:, i], torch.zeros_like(column), column)
            out[:, i] = hat
            error = (column - hat) / local[i, i]
            part[:, i:] -= error.unsqueeze(1).matmul(local[i, i:].unsqueeze(0))
            errors[:, i] = error
        w[:, start:end] = out
        w[:, end:] -= errors.matmul(u[start:end, end:])
    return w


def magnitude(weight, sparsity=0.5):
    w = weight.clone()
    size = w.abs()
    w[size <= size.flatten().sort()[0][int(w.numel() * sparsity)]] = 0
    return w


def wanda(weight, norms, sparsity=0.5):
    w = weight.clone()
    order = torch.sort(w.abs() * norms, dim=-1, stable=True)[1]
    gone = torch.zeros_like(w, dtype=torch.bool)
    w[gone.scatter_(1, order[:, : int(w.shape[1] * sparsity)], True)] = 0
    return w


def largest(values, keeps):
    """All but the `keeps` largest magnitudes set to zero, over the whole matrix."""
    flat = values.reshape(-1).clone()
    flat[torch.topk(-(flat**2), flat.numel() - keeps)[1]] = 0
    return flat.reshape(values.shape)


def alps(weight, h, sparsity=0.5, damping=0.01, rho=0.1, steps=300, refinements=10):
    g = h.clone()
    g.diagonal().add_(damping * g.diagonal().mean())
    scale = g.diagonal().sqrt() + 1e-8
    g = g / scale / scale.unsqueeze(1)
    first = (weight * scale).t().contiguous()
    y = (first.t() @ g).t().contiguous()
    values, vectors = torch.linalg.eigh(g.double())
    inverse = lambda r: ((vectors / (values + r)) @ vectors.t()).float()
    keeps = round((1 - sparsity) * first.numel())
    d, v = largest(first, keeps), torch.zeros_like(first)
    start, before, moves = d.clone(), d == 0, False
    solve = inverse(rho)
    total = (first * y).sum()
    for step in range(steps):
        b = solve @ (y - v + rho * d)
        d = largest(b + v / rho, keeps)
        v = v + rho * (b - d)
        if (step + 1) % 3:
            continue
        moved = ((d == 0) != before).sum().item()
        share = moved / keeps
        if share > 0.005:
            moves, rho = True, rho * (1.3 if share > 0.1 else 1.2)
        elif moved > 0 and moves:
            rho *= 1.1
        elif moves:
            break
        else:
            rho /= 5
            if moved > 0:
                d, v = start.clone(), torch.zeros_like(v)
        before, rho = d == 0, min(rho, 1e6)
        solve = inverse(rho)
        # The authors' code measures the error at each look.
        b = largest(b, keeps)
        _ = ((b - first) * (g @ b - y)).sum() / total
        if step >= 30 and share < 0.0003:
            break
    b = largest(b, keeps)
    return refined(g, y, b, refinements) / scale.unsqueeze(1)


def refined(g, y, x, steps):
    support = (x != 0).float()
    r = (y - g @ x) * support
    p = r
    for _ in range(steps):
        squares = (r * r).sum(0)
        product = g @ p
        alpha = squares / (p * product).sum(0).clamp(min=1e-8)
        x = x + alpha * p
        r = (r - alpha * product) * support
        p = r + (r * r).sum(0) / squares.clamp(min=1e-8) * p
    return x


def hqq(weight, bits=4, group=64, steps=20, norm=0.7, beta=10.0, growth=1.01):
    w = weight.reshape(-1, group)
    top = 2**bits - 1
    low, high = w.min(1, keepdim=True)[0], w.max(1, keepdim=True)[0]
    scale = (top / (high - low)).clamp(max=2e4)
    zero = -low * scale
    best = float("inf")
    for _ in range(steps):
        codes = torch.round(w * scale + zero).clamp(0, top)
        hat = (codes - zero) / scale
        error = w - hat
        size = error.abs()
        shrunk = error.sign() * torch.relu(size - size.pow(norm - 1) / beta)
        zero = (codes - (w - shrunk) * scale).mean(1, keepdim=True)
        beta *= growth
        now = size.mean().item()
        if now >= best:
            break
        best = now
    return torch.round(w * scale + zero).clamp(0, top), scale, zero


def awq(weight, x, bits=4, group=128, ratios=20):
    top = 2**bits - 1
    truth = x @ weight.t()
    means = x.abs().mean(0)
    best = (float("inf"), None)
    for i in range(ratios):
        s = means.pow(i / ratios).clamp(min=1e-4)
        s = s / (s.max() * s.min()).sqrt()
        w = (weight * s).reshape(-1, group)
        low, high = w.amin(1, keepdim=True), w.amax(1, keepdim=True)
        scale = (high - low).clamp(min=1e-5) / top
        zero = (-torch.round(low / scale)).clamp(0, top)
        hat = ((torch.round(w / scale) + zero).clamp(0, top) - zero) * scale
        loss = (truth - x @ (hat.reshape(weight.shape) / s).t()).float().pow(2).mean().item()
        best = min(best, (loss, i))
    return best


def median_ms(work, runs):
    work()
    times = []
    for _ in range(runs):
        begin = time.process_time()
        work()
        times.append(1000 * (time.process_time() - begin))
    return statistics.median(times)


def main():
    size, rows, runs = (int(a) for a in sys.argv[1:4])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x = torch.randn(4096, size)
    h = hessian(x)
    w = torch.randn(rows, size)
    works = {
        "hessian": lambda: hessian(x),
        "gptq": lambda: gptq(w, h),
        "magnitude": lambda: magnitude(w),
        "wanda": lambda: wanda(w, h.diagonal().sqrt()),
        "sparsegpt": lambda: sparsegpt(w, h),
        "sparsegpt24": lambda: sparsegpt(w, h, pattern=(2, 4)),
        "alps": lambda: alps(w, h),
        "hqq": lambda: hqq(w),
        "awq": lambda: awq(w, x[:512]),
    }
    names = sys.argv[4].split(",") if len(sys.argv) > 4 else list(works)
    print(json.dumps({name: median_ms(works[name], runs) for name in names}))


if __name__ == "__main__":
    main()
