"""Times the LAPACK side of tools/bench/linear-algebra.ts: python3 linalg_timings.py SIZE RUNS.

One thread. Prints one JSON line: medians in milliseconds of processor time of PyTorch's Cholesky, symmetric eigenvalues with
vectors (float64), thin SVD and randomised SVD of rank 64 (float32), and which BLAS did it. Needs Debian's
python3-torch and libopenblas0-pthread: with the reference BLAS everything is five to thirty times slower.
"""
import json
import pathlib
import re
import sys

import torch
from reference_timings import median_ms


def main():
    size, runs = (int(a) for a in sys.argv[1:3])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x = torch.randn(4 * size, size)
    h = x.t().matmul(x)
    g = torch.randn(size, size, dtype=torch.float64)
    symmetric = g + g.t()
    w = torch.randn(size, size)
    times = {
        "cholesky": median_ms(lambda: torch.linalg.cholesky(h), runs),
        "eigen": median_ms(lambda: torch.linalg.eigh(symmetric), runs),
        "svd": median_ms(lambda: torch.linalg.svd(w, full_matrices=False), runs),
        "lowrank": median_ms(lambda: torch.svd_lowrank(w, 64), runs),
    }
    maps = pathlib.Path("/proc/self/maps").read_text()
    blas = sorted(set(re.findall(r"/\S*(?:openblas|mkl_rt|blis|libblas)\S*", maps)))
    print(json.dumps({**times, "blas": blas}))


if __name__ == "__main__":
    main()
