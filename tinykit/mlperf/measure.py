"""Performance and accuracy mode on a connected device."""

from __future__ import annotations

import numpy as np

from tinykit.board import Counter
from tinykit.errors import DeviceGarbled, InputError
from tinykit.firmware.mlperf import MlperfId
from tinykit.hil.dataset import Dataset
from tinykit.hil.labels import predictions, ties
from tinykit.hil.measure import Progress
from tinykit.hil.statistics import auc
from tinykit.mlperf.client import MlperfClient
from tinykit.mlperf.result import Accuracy, Performance, clock_of
from tinykit.mlperf.rules import LOOPS, RULES, Loop


def measure_performance(
    client: MlperfClient, model: MlperfId, data: Dataset, counter: Counter, progress: Progress
) -> Performance:
    """Five loops: load a sample, warm up, infer as often as the rules say.

    Args:
        data: its first samples are taken, one for each loop.
        counter: of the board, which says what the device's microseconds are.

    Raises:
        DeviceError: as of ``MlperfClient``.
    """
    rule = RULES[model]
    loops = []
    for number in range(LOOPS):
        progress("performance", number, LOOPS)
        client.load(_bytes(data, number % data.size))
        inference = client.infer(rule.inferences, rule.warmups)
        loops.append(Loop(rule.inferences, rule.warmups, inference.elapsed_us))
    progress("performance", LOOPS, LOOPS)
    return Performance(tuple(loops), *clock_of(counter))


def check_labels(model: MlperfId, data: Dataset) -> None:
    """See that accuracy mode can tell right from wrong.

    Raises:
        InputError: the data has no labels, or not those that the model needs.
    """
    hint = "give --data FILE with x and y, or --mode performance"
    if data.labels is None:
        raise InputError("accuracy mode needs labels", where=data.name, hint=hint)
    anomalies = data.labels.dtype.kind == "b"
    if RULES[model].metric == "auc":
        if not anomalies or not data.labels.any() or data.labels.all():
            raise InputError(
                "the area under the ROC curve needs normal samples and anomalies",
                where=data.name,
                why="y is to hold booleans, true for an anomaly, some of each",
                hint=hint,
            )
    elif anomalies:
        raise InputError(f"{model} needs classes, y holds booleans", where=data.name, hint=hint)


def measure_accuracy(client: MlperfClient, model: MlperfId, data: Dataset, progress: Progress) -> Accuracy:
    """One inference of every sample, held against its label.

    The answer is the largest of the results, as the device printed them: with three decimals. Of several as large it is
    the label, if it is among them, else the first, as in the other reports.

    Raises:
        DeviceError: as of ``MlperfClient``.
        InputError: as of ``check_labels``.
    """
    check_labels(model, data)
    assert data.labels is not None
    rows = []
    for index in range(data.size):
        progress("accuracy", index, data.size)
        client.load(_bytes(data, index))
        rows.append(client.infer(1, 0).results)
        if len(rows[-1]) != len(rows[0]):
            raise DeviceGarbled(
                "the device gave results of different lengths",
                why=f"{len(rows[0])} numbers for the first sample, {len(rows[-1])} for sample {index}",
                hint="check the cable and the baud rate",
            )
    progress("accuracy", data.size, data.size)
    results = np.array(rows)
    rule = RULES[model]
    if rule.metric == "auc":
        value = auc(results[:, 0], data.labels)
        if value is None:
            raise DeviceGarbled("a result of the device is not a number", hint="check the model with `tinykit run`")
        return Accuracy("auc", value, rule.floor, data.size, None, data.name)
    right = int(np.count_nonzero(predictions(results, data.labels) == data.labels))
    return Accuracy("top1", right / data.size, rule.floor, data.size, right, data.name, ties(results))


def _bytes(data: Dataset, index: int) -> bytes:
    (values,) = data.sample(index)
    return np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
