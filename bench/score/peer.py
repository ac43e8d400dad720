"""Ultralytics' own `predict`, timed on request: a JSON line in, a JSON line out.

    python peer.py <model.onnx> <weights.pt or -> <image size> <threads>

In: {"which": "onnx" | "pytorch", "paths": […]}. Out: {"seconds": …, "boxes": …}.
"""

import json
import os
import sys
import tempfile
import time

threads = sys.argv[4]
os.environ.update(
    YOLO_OFFLINE="true",
    YOLO_AUTOINSTALL="false",
    YOLO_VERBOSE="false",
    YOLO_CONFIG_DIR=tempfile.mkdtemp(),
    # Ultralytics would take one.
    OMP_NUM_THREADS=threads,
)

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "trainer"))
import torch
from al_trainer.describe import describe_onnx
from al_trainer.vision_stub import ensure_torchvision

ensure_torchvision()
from ultralytics import RTDETR, YOLO

onnx, weights, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
family = RTDETR if describe_onnx(onnx)["head"] == "rtdetr" else YOLO
models = {"onnx": family(onnx, **({"task": "detect"} if family is YOLO else {}))}
if weights != "-":
    models["pytorch"] = family(weights)
sys.stdout.write('{"ready": true}\n')
sys.stdout.flush()
for line in sys.stdin:
    request = json.loads(line)
    torch.set_num_threads(int(threads))
    boxes = 0
    start = time.perf_counter()
    results = models[request["which"]].predict(
        request["paths"],
        stream=True,
        imgsz=size,
        conf=0.05,
        iou=0.7,
        max_det=300,
        rect=True,
        device="cpu",
        verbose=False,
    )
    for result in results:
        boxes += len(result.boxes)
    sys.stdout.write(json.dumps({"seconds": time.perf_counter() - start, "boxes": boxes}) + "\n")
    sys.stdout.flush()
