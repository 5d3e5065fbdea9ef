"""Kernels below an entry point, and kernels called by address, do what the Python functions do."""

import os
import subprocess
import sys

import numpy as np
import pytest

from airside_sim.inner_kernels import IS_TESTED
from airside_sim.jit import njit, prange
from airside_sim.native_call import address_of, call_at


@njit
def _weight(k, offset):
    return max(float(k), offset)


@njit
def _weigh(values, k):
    values[k] += _weight(k, 2.5) + _weight(k, 0.5)


@njit
def _weigh_all(values):
    for k in range(values.shape[0]):
        _weigh(values, k)


@njit(parallel=True)
def _weigh_all_at(weigh_at, values):
    for k in prange(values.shape[0]):
        call_at(weigh_at, (values, np.int64(k)))


EXPECTED = [3.0, 3.5, 4.5, 6.0]


def test_an_entry_point_runs_the_kernels_below_it():
    values = np.zeros(4)
    _weigh_all(values)
    assert values.tolist() == EXPECTED


@pytest.mark.skipif(not IS_TESTED, reason="this numba compiles callees as it likes")
def test_what_only_kernels_call_gets_no_machine_code():
    _weigh_all(np.zeros(4))
    assert not _weight.overloads


def test_a_kernel_below_another_can_still_be_called_from_python():
    _weigh_all(np.zeros(4))
    assert _weight(3, 0.5) == 3.0


def test_a_parallel_loop_reaches_a_kernel_by_its_address():
    values = np.zeros(4)
    _weigh_all_at(address_of(_weigh, (values, 0)), values)
    assert values.tolist() == EXPECTED


def test_the_cache_serves_a_second_process_whole(tmp_path):
    code = "import tests.test_inner_kernels as t; t.test_an_entry_point_runs_the_kernels_below_it()"
    code += (
        "; t.test_a_parallel_loop_reaches_a_kernel_by_its_address(); print(sum(t._weigh_all.stats.cache_hits.values()))"
    )
    hits = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "AIRSIDE_CACHE_DIR": str(tmp_path)},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for _ in range(2)
    ]  # fmt: skip
    assert hits == ["0", "1"]
