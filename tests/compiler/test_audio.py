"""Whole audio models against TFLite-Micro: raw samples in, features or a decision out, over many frames with state."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.audio_models import audio, feature_model, listening_model
from support.check import check_op
from support.machines import MACHINES
from support.native import compile_bytes


def test_features_of_micro_speech() -> None:
    rng = np.random.default_rng(1)
    (features,) = check_op(feature_model(), 100, rng, inputs=[audio(rng, 100)])
    assert len(np.unique(features)) > 50, "the audio says nothing"


def test_a_model_that_listens() -> None:
    rng = np.random.default_rng(2)
    ready, words = check_op(listening_model(rng), 80, rng, inputs=[audio(rng, 80)])
    assert ready[:, 0].tolist() == [False, True] * 40
    assert len(np.unique(words)) > 20, "the audio says nothing"


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["m4", "rv32"])
def test_on_cores(machine: str) -> None:
    rng = np.random.default_rng(3)
    check_op(listening_model(rng), 20, rng, inputs=[audio(rng, 20)], machine=MACHINES[machine])


def test_only_the_radices_that_are_needed_are_linked() -> None:
    kernels = [kernel for kernel in compile_bytes(feature_model()).kernels if "radix" in kernel]
    assert kernels == ["tk_fft_radix4_s16"]
