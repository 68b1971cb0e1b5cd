"""[acts] The network as an ONNX graph: six BERT layers, from token ids to one mean vector for each text.

The fused operators of onnxruntime (com.microsoft) stand where ONNX has several; gelu is the exact one.

In int8 a matrix product multiplies bytes. Its weights have one scale for each output channel, and use 7 of
the 8 bits: processors without VNNI add two products in 16 bits, where 8-bit weights would overflow and give
other vectors than processors with it. Its input is scaled *row by row*, each token by its own largest value.
The usual operator (DynamicQuantizeMatMul) takes one scale for the whole batch, so that the vector of a text
depended on the texts beside it: cosine 0.983 between a text alone and in a batch, 1.0 this way.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from lakehouse.llm.minilm.weights import Tensors

LAYERS: Final = 6
HEADS: Final = 12
DIMENSION: Final = 384
TOKENS: Final = 256
"""Positions that the model was trained on; the weights have 512."""

EPSILON: Final = 1e-12
FUSED: Final = "com.microsoft"
LARGEST_WEIGHT: Final = 63
"""Of 127: see above."""

ZERO: Final = 128
"""The byte that means 0 in an input."""

Precision = Literal["int8", "fp32"]
Floats = NDArray[np.float32]


def build(tensors: Tensors, precision: Precision) -> bytes:
    """A serialised ONNX model.

    Inputs: `ids` int32 (n, t), padded with anything; `lengths` int32 (n,), tokens of each text; `shares`
    float32 (n, 1, t), 1 / length for its tokens and 0 for padding.
    Output: `means` float32 (n, 1, 384), not yet of unit length.
    """
    drawing = _Drawing(tensors, precision)
    x = drawing.embeddings()
    for layer in range(LAYERS):
        x = drawing.attention(x, f"encoder.layer.{layer}.attention.")
        x = drawing.feed_forward(x, f"encoder.layer.{layer}.")
    drawing.node("MatMul", "shares", x, output="means")
    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT32, ["n", "t"]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, ["n"]),
        helper.make_tensor_value_info("shares", TensorProto.FLOAT, ["n", 1, "t"]),
    ]
    outputs = [helper.make_tensor_value_info("means", TensorProto.FLOAT, ["n", 1, DIMENSION])]
    graph = helper.make_graph(drawing.nodes, "minilm", inputs, outputs, drawing.constants)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
    model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
    return model


class _Drawing:
    """Nodes and constants so far; every method returns the name of what it computes."""

    def __init__(self, tensors: Tensors, precision: Precision) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self._tensors = tensors
        self._is_int8 = precision == "int8"
        if self._is_int8:
            self.constant("one", np.float32(1))
            self.constant("zero", np.uint8(ZERO))
            self.constant("step", np.float32(1 / 127))
            self.constant("last", np.array([-1]))

    def node(self, op: str, *inputs: str, domain: str = "", output: str = "", **options: int | float) -> str:
        """One operator with one output."""
        name = output or f"{op}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], None, None, domain, None, **options))
        return name

    def constant(self, name: str, value: NDArray[np.generic] | np.generic) -> str:
        """A value that the graph holds."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name))
        return name

    def weight(self, name: str) -> str:
        """A tensor as released."""
        return self.constant(name, self._tensors[name])

    def embeddings(self) -> str:
        """Word, position and type; the type is always 0, so it is added to the positions here."""
        e = "embeddings."
        positions = self._tensors[e + "position_embeddings.weight"][:TOKENS]
        positions = positions + self._tensors[e + "token_type_embeddings.weight"][0]
        inputs = (self.weight(e + "word_embeddings.weight"), self.constant(e + "positions", positions), "")
        norm = (self.weight(e + "LayerNorm.weight"), self.weight(e + "LayerNorm.bias"))
        # The second output is a mask that the graph does not need; the operator insists on naming it.
        names = [e + "output", e + "mask"]
        node = helper.make_node(
            "EmbedLayerNormalization", ["ids", "", *inputs, *norm], names, domain=FUSED, epsilon=EPSILON
        )
        self.nodes.append(node)
        return names[0]

    def attention(self, x: str, at: str) -> str:
        """Every token looks at every other of its text."""
        parts = [f"{at}self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self._tensors[f"{part}.weight"] for part in parts]).T
        bias = np.concatenate([self._tensors[f"{part}.bias"] for part in parts])
        bias_name = self.constant(f"{at}bias", bias)
        if self._is_int8:
            projected = self._product(x, weight, f"{at}qkv")
            qkv = [f"{part}.projected" for part in parts]
            self.nodes.append(helper.make_node("Split", [projected], qkv, axis=-1, num_outputs=3))
            looked = self.node(
                "MultiHeadAttention", *qkv, bias_name, "lengths", domain=FUSED, num_heads=HEADS
            )
        else:
            inputs = (x, self.constant(f"{at}qkv", weight), bias_name, "lengths")
            looked = self.node("Attention", *inputs, domain=FUSED, num_heads=HEADS)
        dense = self._product(looked, self._tensors[f"{at}output.dense.weight"].T, f"{at}output.dense")
        return self._add_and_norm(dense, x, f"{at}output.")

    def feed_forward(self, x: str, at: str) -> str:
        """Each token by itself: 384 to 1536 and back."""
        wide = self._product(x, self._tensors[f"{at}intermediate.dense.weight"].T, f"{at}intermediate.dense")
        bent = self.node("BiasGelu", wide, self.weight(f"{at}intermediate.dense.bias"), domain=FUSED)
        dense = self._product(bent, self._tensors[f"{at}output.dense.weight"].T, f"{at}output.dense")
        return self._add_and_norm(dense, x, f"{at}output.")

    def _add_and_norm(self, x: str, skipped: str, at: str) -> str:
        norm = (self.weight(f"{at}LayerNorm.weight"), self.weight(f"{at}LayerNorm.bias"))
        inputs = (x, skipped, *norm, self.weight(f"{at}dense.bias"))
        return self.node("SkipLayerNormalization", *inputs, domain=FUSED, epsilon=EPSILON)

    def _product(self, x: str, weight: Floats, name: str) -> str:
        """`x` (n, t, k) times `weight` (k, m)."""
        if not self._is_int8:
            return self.node("MatMul", x, self.constant(name, weight))
        largest = self.node("ReduceMax", self.node("Abs", x), "last", keepdims=1)
        scale = self.node("Mul", largest, "step")
        rows = self.node("QuantizeLinear", self.node("Div", x, scale), "one", "zero")
        scales = (np.abs(weight).max(axis=0) / LARGEST_WEIGHT).astype(np.float32)
        whole = np.rint(weight / scales).astype(np.int8)
        columns = self.constant(name, whole), self.constant(f"{name}.scales", scales)
        zeros = self.constant(f"{name}.zeros", np.zeros(len(scales), np.int8))
        inputs = (rows, columns[0], "one", columns[1], "zero", zeros)
        return self.node("Mul", self.node("MatMulIntegerToFloat", *inputs, domain=FUSED), scale)
