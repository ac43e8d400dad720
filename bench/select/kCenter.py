"""k-center greedy over a whole pool in numpy, as one would write it for speed: float32, BLAS, in place."""

import json
import sys
import time

import numpy as np

path, images, dimensions, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
rows = np.fromfile(path, dtype=np.float32).reshape(-1, dimensions)
pool, labelled = rows[:images], rows[images:]

start = time.perf_counter()
nearest = np.empty(images, dtype=np.float32)
for at in range(0, images, 10_000):
    nearest[at : at + 10_000] = (pool[at : at + 10_000] @ labelled.T).max(axis=1)
order = []
for _ in range(count):
    farthest = int(nearest.argmin())
    order.append(farthest)
    np.maximum(nearest, pool @ pool[farthest], out=nearest)
print(json.dumps({"seconds": time.perf_counter() - start, "order": order}))
