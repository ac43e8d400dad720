"""Write the ONNX files of the inference tests: detectors whose answers can be worked out by hand.

    trainer/.venv/bin/python extension/src/adapters/inference/testing/makeTinyModel.py

The input is cut into cells of 8 x 8 pixels. Each cell is a box that fills it, and its scores for the classes red, green
and blue are the cell's mean colour: a pure red cell of the picture comes back as a box of class 0 with score 1.
The output `embedding` is the mean colour of the whole input.

Two colours of the whole input (taken from its mean) make the model slow, through a loop that ONNX Runtime cannot leave
early: yellow for some hundredths of a second, magenta for ever.

tinyDynamic.onnx takes any size, tinyFixed.onnx only 64 x 64. tinyWide.onnx takes any size, and its `embedding` has as many
numbers as that of a nano model: mixtures of the three mean colours.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CELL = 8
SLOW_ROUNDS = 25_000
ENDLESS_ROUNDS = 2**60
WIDE = 448


def constant(name: str, values: object, dtype: type) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, dtype=dtype), name)


def spin_body() -> onnx.GraphProto:
    return helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["goes_on"]),
            helper.make_node("Sin", ["before"], ["after"]),
        ],
        "spin",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, [1]),
        ],
        [
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, [1]),
        ],
    )


def detector(height: int | str, width: int | str, batch: int | str, dimensions: int = 3) -> onnx.ModelProto:
    node = helper.make_node
    mean = "embedding" if dimensions == 3 else "mean"
    constants = [
        constant("half", 0.5, np.float32),
        constant("cell", CELL, np.float32),
        constant("zero", [0], np.float32),
        constant("one_seed", [1], np.float32),
        constant("axis_rows", 2, np.int64),
        constant("axis_columns", 3, np.int64),
        constant("flat", [0, 0, -1], np.int64),
        constant("first_channel", [0], np.int64),
        constant("second_channel", [1], np.int64),
        constant("channel_axis", [1], np.int64),
        constant("yellow", [1, 1, 0], np.float32),
        constant("magenta", [1, 0, 1], np.float32),
        constant("close", 0.02, np.float32),
        constant("slow_rounds", SLOW_ROUNDS, np.int64),
        constant("endless_rounds", ENDLESS_ROUNDS, np.int64),
        constant("true", True, np.bool_),
        constant("scalar", [], np.int64),
    ]
    nodes = [
        node("AveragePool", ["images"], ["cells"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        node("Slice", ["cells", "first_channel", "second_channel", "channel_axis"], ["channel"]),
        node("Mul", ["channel", "zero"], ["zeros"]),
        node("Add", ["zeros", "one_seed"], ["ones"]),
        node("CumSum", ["ones", "axis_columns"], ["columns"]),
        node("CumSum", ["ones", "axis_rows"], ["rows"]),
        node("Sub", ["columns", "half"], ["columns_mid"]),
        node("Sub", ["rows", "half"], ["rows_mid"]),
        node("Mul", ["columns_mid", "cell"], ["cx"]),
        node("Mul", ["rows_mid", "cell"], ["cy"]),
        node("Mul", ["ones", "cell"], ["side"]),
        node("Concat", ["cx", "cy", "side", "side", "cells"], ["maps"], axis=1),
        node("Reshape", ["maps", "flat"], ["boxes"]),
        node("GlobalAveragePool", ["images"], ["pooled"]),
        node("Flatten", ["pooled"], [mean], axis=1),
    ]
    if dimensions != 3:
        mixture = np.sin(np.arange(3 * dimensions)).reshape(3, dimensions)
        constants.append(constant("mixture", mixture, np.float32))
        nodes.append(node("MatMul", [mean, "mixture"], ["embedding"]))
    for colour in ("yellow", "magenta"):
        nodes += [
            node("Sub", [mean, colour], [f"{colour}_difference"]),
            node("Abs", [f"{colour}_difference"], [f"{colour}_distance"]),
            node("ReduceMax", [f"{colour}_distance"], [f"{colour}_largest"], keepdims=0),
            node("Less", [f"{colour}_largest", "close"], [f"is_{colour}"]),
            node("Cast", [f"is_{colour}"], [f"{colour}_flag"], to=TensorProto.INT64),
        ]
    nodes += [
        node("Mul", ["yellow_flag", "slow_rounds"], ["slow"]),
        node("Mul", ["magenta_flag", "endless_rounds"], ["endless"]),
        node("Add", ["slow", "endless"], ["rounds_any"]),
        node("Reshape", ["rounds_any", "scalar"], ["rounds"]),
        node("Loop", ["rounds", "true", "one_seed"], ["spun"], body=spin_body()),
        node("Mul", ["spun", "zero"], ["nothing"]),
        node("Add", ["boxes", "nothing"], ["output0"]),
    ]
    image = helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, height, width])
    output = helper.make_tensor_value_info("output0", TensorProto.FLOAT, [batch, 7, "anchors"])
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, dimensions])
    graph = helper.make_graph(nodes, "tiny", [image], [output, embedding], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    folder = Path(__file__).parent
    onnx.save(detector("height", "width", "batch"), folder / "tinyDynamic.onnx")
    onnx.save(detector(64, 64, 1), folder / "tinyFixed.onnx")
    onnx.save(detector("height", "width", "batch", WIDE), folder / "tinyWide.onnx")
