"""PyTorch's side of `npm run bench -- train`: one line of JSON about itself, then per line read one training step.

    python3 tools/bench/torch_train.py MODEL.onnx HEADS KEY_VALUE_HEADS BATCH LENGTH

Answers each line with the milliseconds of processor time of a step. One thread.
"""
import json
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "test" / "golden"))

import torch

from torch_llama import Llama, adamw, step

OPTIONS = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01}


def blas():
    """The BLAS library that is loaded: Debian's reference BLAS is 30 times slower than OpenBLAS."""
    found = set(re.findall(r"/\S*(?:openblas|mkl_rt|blis|libblas)\S*", pathlib.Path("/proc/self/maps").read_text()))
    return sorted(found)


def milliseconds(work):
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def main(path, heads, key_value_heads, batch, length):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = Llama(path, int(heads), int(key_value_heads))
    optimiser = adamw(list(model.parameters()), OPTIONS)
    vocabulary = model["model.embed_tokens"].shape[0]
    ids, labels = (torch.randint(vocabulary, (int(batch), int(length))) for _ in range(2))
    square = torch.randn(1024, 1024)
    square @ square
    rate = 2 * 1024**3 / 1e6 / min(milliseconds(lambda: square @ square) for _ in range(3))
    print(json.dumps({"version": torch.__version__, "blas": blas(), "gflops": rate}), flush=True)
    for _ in sys.stdin:
        print(milliseconds(lambda: step(model, optimiser, ids, labels, 1e-4, 1.0)), flush=True)


main(*sys.argv[1:])
