"""Logs as versions of the compiler print them. The models in them are made up; the lines' forms are not."""

from __future__ import annotations

ONE = """\
Edge TPU Compiler version 16.0.384591198
Started a compilation timeout timer of 180 seconds.

Model compiled successfully in 542 ms.

Input model: net.tflite
Input size: 4.04MiB
Output model: ./net_edgetpu.tflite
Output size: 1.65KiB
On-chip memory used for caching model parameters: 192.00B
On-chip memory remaining for caching model parameters: 511.50KiB
Off-chip memory used for streaming uncached model parameters: 48.00B
Number of Edge TPU subgraphs: 1
Total number of operations: 1
Operation log: ./net_edgetpu.log
See the operation log file for individual operation details.
Compilation child process completed within timeout period.
Compilation succeeded!
"""

PARTLY = """\
Edge TPU Compiler version 2.0.291256449

Model compiled successfully in 12264 ms.

Input model: model2.tflite
Input size: 8.11MiB
Output model: model2_edgetpu.tflite
Output size: 9.47MiB
On-chip memory available for caching model parameters: 6.87MiB
On-chip memory used for caching model parameters: 6.86MiB
Off-chip memory used for streaming uncached model parameters: 1.22MiB
Number of Edge TPU subgraphs: 1
Total number of operations: 93
Operation log: model2_edgetpu.log

Model successfully compiled but not all operations are supported by the Edge TPU. A percentage of the model will \
instead run on the CPU, which is slower. For details, visit g.co/coral/model-reqs.
Number of operations that will run on Edge TPU: 83
Number of operations that will run on CPU: 10

Operator                       Count      Status

LOGISTIC                       1          More than one subgraph is not supported
ADD                            10         Mapped to Edge TPU
CONCATENATION                  1          More than one subgraph is not supported
CONCATENATION                  3          Mapped to Edge TPU
QUANTIZE                       2          Operation is otherwise supported, but not mapped due to some unspecified \
limitation
CUSTOM                         1          Operation is working on an unsupported data type
RESHAPE                        1          Tensor has unsupported rank (up to 3 innermost dimensions mapped)
GELU                           1          Operation not supported
FULLY_CONNECTED                1          Operation version not supported
"""

TOGETHER = """\
Edge TPU Compiler version 16.0.384591198
Started a compilation timeout timer of 180 seconds.
Models compiled successfully in 3498 ms.
Input model: cnn.tflite
Input size: 8.00MiB
Output model: cnn_edgetpu.tflite
Output size: 9.31MiB
On-chip memory used for caching model parameters: 1.75MiB
On-chip memory remaining for caching model parameters: 3.75KiB
Off-chip memory used for streaming uncached model parameters: 6.97MiB
Number of Edge TPU subgraphs: 1
Total number of operations: 313
Operation log: cnn_edgetpu.log
See the operation log file for individual operation details.
Input model: rnn.tflite
Input size: 2.97MiB
Output model: rnn_edgetpu.tflite
Output size: 4.79MiB
On-chip memory used for caching model parameters: 5.29MiB
On-chip memory remaining for caching model parameters: 3.75KiB
Off-chip memory used for streaming uncached model parameters: 158.06KiB
Number of Edge TPU subgraphs: 1
Total number of operations: 78
Operation log: rnn_edgetpu.log
See the operation log file for individual operation details.
Compilation child process completed within timeout period.
Compilation succeeded!
"""

SEARCHED = """\
Edge TPU Compiler version 16.0.384591198
Searching for valid delegate with step 10
Try to compile segment with 340 ops
Started a compilation timeout timer of 180 seconds.
ERROR: Restored original execution plan after delegate application failure.
Compilation failed: Compilation failed due to large activation tensors in model.
Compilation child process completed within timeout period.
Compilation failed!
Try to compile segment with 330 ops
Intermediate tensors: Reshape_2,a/b;c/d
Started a compilation timeout timer of 180 seconds.

Model compiled successfully in 2270 ms.

Input model: net.tflite
Output model: net_edgetpu.tflite
Compilation child process completed within timeout period.
Compilation succeeded!
"""

REFUSED = {
    "not quantized": ("Invalid model: net.tflite\nModel not quantized\n", "Model not quantized"),
    "not parsed": (
        "ERROR: Didn't find op for builtin opcode 'CONV_2D' version '6'\nERROR: Registration failed.\n"
        "Invalid model: net.tflite\nModel could not be parsed\n",
        "version '6'",
    ),
    "newer operator": ("ERROR: Op builtin_code out of range: 150. Are you using old TFLite binary?\n", "150"),
    "dynamic": (
        "ERROR: Attempting to use a delegate that only supports static-sized tensors with a graph that has "
        "dynamic-sized tensors.\nCompilation failed: Model failed in Tflite interpreter.\n"
        "Compilation child process completed within timeout period.\nCompilation failed! \n",
        "dynamic-sized",
    ),
}
