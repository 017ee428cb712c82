"""ONNX Runtime as a peer: prediction alone, from Python."""

import sys

from protocol import answer_row, answer_rows, problem, threads, workload
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

if workload == "step":
    sys.exit("error: ONNX Runtime does not train")

nodes, initializers, input_name = [], [], "x"
for l, (w, b) in enumerate(problem.layers):
    initializers += [numpy_helper.from_array(np.ascontiguousarray(w), f"w{l}"), numpy_helper.from_array(b, f"b{l}")]
    nodes.append(helper.make_node("Gemm", [input_name, f"w{l}", f"b{l}"], [f"z{l}"], transB=1))
    input_name = f"z{l}"
    if l + 1 < len(problem.layers) and problem.activation != "identity":
        kind, attributes = ("LeakyRelu", {"alpha": 0.01}) if problem.activation == "leaky_relu" else ("Relu", {})
        nodes.append(helper.make_node(kind, [input_name], [f"a{l}"], **attributes))
        input_name = f"a{l}"

tensor = lambda name, columns: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", columns])
graph = helper.make_graph(nodes, "network", [tensor("x", problem.widths[0])], [tensor(input_name, 1)], initializers)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

answer = answer_row if workload == "row" else answer_rows
answer(onnxruntime.__version__, lambda x: session.run(None, {"x": x})[0])
