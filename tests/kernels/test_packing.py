"""pack_bev and unpack_bev are exact inverses for any batch shape, and refuse what is not channel-first."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airside_sim.packing import pack_bev, unpack_bev


@settings(deadline=None, max_examples=30)
@given(batch=st.lists(st.integers(1, 3), max_size=2), size=st.sampled_from([8, 32, 64]), seed=st.integers(0, 2**32 - 1))
def test_inverse_both_ways(batch, size, seed):
    bev = np.random.default_rng(seed).integers(0, 2, (*batch, 34, size, size), dtype=np.uint8) * 255
    packed = pack_bev(bev)
    assert packed.shape == (*batch, 34, size, size // 8)
    np.testing.assert_array_equal(packed, np.packbits(bev, axis=-1, bitorder="big"))
    np.testing.assert_array_equal(unpack_bev(packed), bev)
    np.testing.assert_array_equal(pack_bev(unpack_bev(packed)), packed)


@pytest.mark.parametrize("shape", [(128, 128, 34), (34, 128), (34, 12, 12)])
def test_other_layouts_are_refused(shape):
    with pytest.raises(ValueError, match="channel-first"):
        pack_bev(np.zeros(shape, np.uint8))


def test_floats_are_refused():
    with pytest.raises(ValueError, match="uint8"):
        unpack_bev(np.zeros((34, 8, 1), np.float32))
