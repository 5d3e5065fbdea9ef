"""NamedTuples passed by reference: kernels read and write the very arrays, every instance its own."""

import copy
import pickle
from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference
from airside_sim.jit import njit, prange


@by_reference
class Pair(NamedTuple):
    count: int
    scale: float
    values: np.ndarray


@njit
def _grow(pair, k):
    pair.values[k] += pair.scale * pair.count
    return pair.values.sum()


@njit(parallel=True)
def _grow_all(pair):
    for k in prange(pair.values.shape[0]):
        pair.values[k] += pair.scale


def _pair(scale: float) -> Pair:
    return Pair(2, scale, np.zeros(4))


def test_each_instance_is_read_and_written_through_its_own_arrays():
    pairs = [_pair(float(k)) for k in range(20)]
    for k, pair in enumerate(pairs):
        assert _grow(pair, 1) == 2.0 * k
    assert [p.values.tolist() for p in pairs] == [[0.0, 2.0 * k, 0.0, 0.0] for k in range(20)]


def test_parallel_kernels_take_it_too():
    pair = _pair(0.5)
    _grow_all(pair)
    assert pair.values.tolist() == [0.5] * 4


def test_replace_copy_and_pickle_make_tables_of_their_own():
    pair = _pair(1.0)
    _grow(pair, 0)
    others = [pair._replace(values=np.zeros(4)), copy.deepcopy(pair), pickle.loads(pickle.dumps(pair))]
    for other in others:
        assert isinstance(other, Pair)
        before = other.values[0]
        _grow(other, 0)
        assert other.values[0] == before + 2.0
    assert pair.values[0] == 2.0
