"""Times the PyTorch side of tools/bench/kernels.ts: python3 reference_timings.py SIZE ROWS RUNS.

One thread. Prints one JSON line: medians in milliseconds of processor time of the Hessian (T = 4096 tokens, as the
reference accumulates it: one full product) and of the GPTQ solve (per channel, 4 bits, asymmetric:
damped H, Cholesky, inverse, Cholesky of the inverse, column sweep in blocks of 128), written from the
paper (arXiv 2210.17323, algorithm 1). Needs Debian's python3-torch.
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
    print(
        json.dumps(
            {
                "hessian": median_ms(lambda: hessian(x), runs),
                "gptq": median_ms(lambda: gptq(w, h), runs),
                "magnitude": median_ms(lambda: torch.sort(w.abs().flatten())[0][w.numel() // 2], runs),
                "wanda": median_ms(lambda: torch.sort(w.abs(), dim=-1, stable=True), runs),
            }
        )
    )


if __name__ == "__main__":
    main()
