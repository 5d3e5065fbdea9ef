"""Stores past the cache write the same bytes as numpy, compiled or not."""

import numpy as np
import pytest

from airside_sim import native_store
from airside_sim.jit import njit

WORDS = np.random.default_rng(0).integers(0, 2**64, 64, dtype=np.uint64)


@njit
def _bits_of_all(words, out):
    for k in range(words.shape[0]):
        native_store.stream_bits(out, k, words[k])


@njit
def _copy(words, out):
    for k in range(0, words.shape[0], 2):
        native_store.stream_pair(out, k, words[k], words[k + 1])


@pytest.mark.parametrize("kernel", [_bits_of_all, _bits_of_all.py_func])
def test_bits_become_bytes(kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    if kernel is not _bits_of_all:
        monkeypatch.setattr(native_store, "stream_bits", native_store._write_bits)
    out = np.full(8 * len(WORDS), 7, np.uint64)
    kernel(WORDS, out)
    assert np.array_equal(out.view(np.uint8), 255 * np.unpackbits(WORDS.view(np.uint8)))


@pytest.mark.parametrize("kernel", [_copy, _copy.py_func])
def test_pairs_are_copied(kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    if kernel is not _copy:
        monkeypatch.setattr(native_store, "stream_pair", native_store._write_pair)
    out = np.zeros(len(WORDS), np.uint64)
    kernel(WORDS, out)
    assert np.array_equal(out, WORDS)
