"""The BEV kernels against a shapely twin, and packed, pooled, serial and parallel forms against each other."""

import numpy as np
import pytest

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Body, Ego, Episode
from airside_sim.constants import ActorClass, BevChannel
from airside_sim.kernels import bev
from airside_sim.kernels.bev_layers import NEAR_CHUNK, WIDEST_BOX_M
from airside_sim.mapping.tiles import tile_columns
from airside_sim.native_call import address_of
from airside_sim.packing import unpack_bev
from airside_sim.vehicles import VEHICLES
from tests.reference.bev_twin import twin_bev
from tests.reference.synthetic_world import make_bank, make_world

ENVS = 6


def render(w, b, size=128, range_m=100.0, ahead_m=50.0, *, packed=False, parallel=False) -> np.ndarray:
    num_envs = len(w.ego)
    shape = (num_envs, 34, size, size // 8 if packed else size)
    frames = np.full(shape, 0xA5, np.uint8)  # whatever was there before must not matter
    scratch = bev.allocate_scratch(bev.num_slots(num_envs))
    scratch.words[:] = 0x5A5A5A5A5A5A5A5A
    geometry, words = bev.BevGeometry(size, range_m, ahead_m), bev.as_words(frames)
    if parallel:
        address = address_of(bev.render_env, (0, w, b, AIRCRAFT, geometry, packed, scratch, 0, words[0]))
        bev.render_parallel(address, w, b, AIRCRAFT, geometry, packed, scratch, words)
    else:
        bev.render_serial(w, b, AIRCRAFT, geometry, packed, scratch, words)
    return frames


@pytest.fixture(scope="module")
def worlds():
    rng = np.random.default_rng(11)
    return make_world(rng, ENVS), make_bank(rng)


@pytest.mark.parametrize(("range_m", "ahead_m", "seed"), [(100.0, 50.0, 0), (64.0, 40.0, 1), (200.0, 120.0, 2)])
def test_equals_the_twin_pixel_for_pixel(range_m, ahead_m, seed):
    rng = np.random.default_rng(seed)
    w, b = make_world(rng, 3), make_bank(rng, size_m=260.0, cell_m=0.5)
    frames = render(w, b, range_m=range_m, ahead_m=ahead_m)
    assert set(np.unique(frames)) == {0, 255}
    for e in range(len(w.ego)):
        expected, doubt = twin_bev(w, b, AIRCRAFT, e, range_m, ahead_m)
        wrong = ((frames[e] > 0) != expected) & ~doubt
        assert not wrong.any(), [(BevChannel(c).name, r, k) for c, r, k in np.argwhere(wrong)[:5]]
        assert doubt.mean() < 1e-3
    assert (frames.reshape(3, 34, -1).max(axis=(0, 2)) > 0).sum() >= 30  # the worlds exercise the planes


def _wide_bank(rng, size_m=260.0, cell_m=0.25):
    """Uniform fields of 20 m, in which most blocks of pixels need no look-ups, and small marks."""
    bank = make_bank(rng, size_m=size_m, cell_m=cell_m)
    side = int(bank.raster_w[0])
    coarse = rng.choice(np.array([0, 1, 6, 0x81], np.uint8), (side // 80 + 1, side // 80 + 1))
    raster = np.repeat(np.repeat(coarse, 80, 0), 80, 1)[:side, :side].copy()
    raster[rng.integers(0, side, 60), rng.integers(0, side, 60)] ^= 0x18
    return bank._replace(raster=raster.reshape(-1), **tile_columns(raster))


def _at_edges(rng, num_envs):
    """Random headings at a corner, on each edge, just off and far off a map of 260 m about the origin."""
    w = make_world(rng, num_envs, bodies=1, aircraft=0)
    places = [(0, 0), (130, 130), (-130, 5), (20, -130), (-128, 129), (180, 40), (-10, 195), (400, -300), (-9e3, 9e3)]
    for e in range(num_envs):
        w.ego[e, [Ego.X, Ego.Y]] = places[e % len(places)] + rng.uniform(-3.0, 3.0, 2)
        w.ego[e, Ego.HEADING] = rng.uniform(-4.0, 4.0) if e % 3 else rng.integers(-2, 3) * np.pi / 2
    return w


@pytest.mark.parametrize(("range_m", "ahead_m"), [(100.0, 50.0), (33.0, 20.0), (200.0, 120.0), (900.0, 450.0)])
def test_uniform_blocks_equal_pixel_by_pixel(range_m, ahead_m):
    rng = np.random.default_rng(3)
    w, b = _at_edges(rng, 36), _wide_bank(rng)
    every_pixel = b._replace(tile_reach=np.zeros_like(b.tile_reach))
    frames = render(w, b, range_m=range_m, ahead_m=ahead_m)[:, :8]
    np.testing.assert_array_equal(frames, render(w, every_pixel, range_m=range_m, ahead_m=ahead_m)[:, :8])
    assert (frames.max(axis=(1, 2, 3)) > 0).sum() >= 20  # the rest look past the map


@pytest.mark.parametrize("range_m", [100.0, 64.0])
def test_static_layers_at_the_edges_of_the_map_equal_the_twin(range_m):
    rng = np.random.default_rng(4)
    w, b = _at_edges(rng, 9), _wide_bank(rng)
    frames = render(w, b, range_m=range_m)
    for e in range(9):
        expected, doubt = twin_bev(w, b, AIRCRAFT, e, range_m, 50.0)
        assert not (((frames[e] > 0) != expected) & ~doubt)[:8].any(), e


def test_a_map_of_a_bank_reads_its_own_tiles():
    rng = np.random.default_rng(6)
    w, first, second = _at_edges(rng, 9), _wide_bank(rng), make_bank(rng, size_m=200.0)
    names = [name for name in first._fields if name.startswith(("raster", "tile"))]
    both = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names}
    for offset, column in (("raster_off", "raster"), ("tile_off", "tile_start"), ("tile_cells_off", "tile_cells")):
        both[offset][1] = len(getattr(first, column))
    alone = render(w, second)
    w.episode[:, Episode.MAP] = 1.0
    np.testing.assert_array_equal(render(w, second._replace(**both))[:, :8], alone[:, :8])


def test_more_bodies_than_are_flagged_at_a_time_equal_the_twin():
    rng = np.random.default_rng(7)
    w, b = make_world(rng, 1, bodies=NEAR_CHUNK + 40, aircraft=5), make_bank(rng)
    w.history[0, :, :, :2] += rng.normal(0.0, 40.0, (w.history.shape[2], 2))  # many just beside the image
    frame = render(w, b)[0]
    expected, doubt = twin_bev(w, b, AIRCRAFT, 0, 100.0, 50.0)
    assert not (((frame > 0) != expected) & ~doubt)[BevChannel.AIRCRAFT_T16 :].any()


def test_no_box_reaches_farther_than_the_cull_allows():
    reach = np.hypot(np.maximum(VEHICLES.front_m, VEHICLES.rear_m), 0.5 * VEHICLES.width_m)
    assert reach.max() <= WIDEST_BOX_M


def test_parallel_equals_serial(worlds):
    w, b = worlds
    np.testing.assert_array_equal(render(w, b, parallel=True), render(w, b))


@pytest.mark.parametrize("size", [128, 64, 32])
def test_packed_holds_the_same_bits(worlds, size):
    w, b = worlds
    np.testing.assert_array_equal(unpack_bev(render(w, b, size, packed=True)), render(w, b, size))


@pytest.mark.parametrize("size", [64, 32])
def test_smaller_sizes_are_the_exact_max_pool(worlds, size):
    w, b = worlds
    k = 128 // size
    pooled = render(w, b).reshape(ENVS, 34, size, k, size, k).max(axis=(3, 5))
    np.testing.assert_array_equal(render(w, b, size), pooled)


def _empty_world():
    rng = np.random.default_rng(5)
    w, b = make_world(rng, 1, bodies=1, aircraft=0), make_bank(rng)
    w.ego[0, [Ego.X, Ego.Y, Ego.HEADING]] = 0.0
    w.body[0, 0, Body.CLASS] = ActorClass.PERSONNEL
    w.body[0, 0, [Body.SHAPE, Body.HALF_WIDTH, Body.RADIUS]] = -1.0, 0.05, 0.05
    w.seen[0] = 1
    return w, b


@pytest.mark.parametrize("x", np.linspace(-20.0, 20.0, 9))
def test_a_tiny_person_sets_the_pixel_that_holds_it(x):
    w, b = _empty_world()
    w.history[0, :, 0] = x, 0.21, 1.0, 0.0
    plane = render(w, b)[0, BevChannel.PERSON_T1]
    px = 100.0 / 128.0
    assert np.argwhere(plane).tolist() == [[int((50.0 - np.float32(x)) / px), int((50.0 - 0.21) / px)]]


def test_ahead_is_row_zero_and_left_is_column_zero():
    w, b = _empty_world()
    w.body[0, 0, Body.HALF_WIDTH] = 2.0
    w.history[0, :, 0] = 40.0, 30.0, 1.0, 0.0  # 40 m ahead, 30 m to the left
    row, col = np.argwhere(render(w, b)[0, BevChannel.PERSON_T1]).mean(axis=0)
    assert row == pytest.approx(128 * 10 / 100 - 0.5, abs=0.3)
    assert col == pytest.approx(128 * 20 / 100 - 0.5, abs=0.3)


def test_short_history_repeats_the_oldest_and_unseen_is_not_drawn():
    w, b = _empty_world()
    w.history_head[0], w.history_count[0] = 3, 4
    for age in range(4):
        w.history[0, 3 - age, 0] = 10.0 * age, 0.0, 1.0, 0.0
    w.history[0, 4:, 0] = -30.0, 0.0, 1.0, 0.0  # never observed
    planes = render(w, b)[0, BevChannel.PERSON_T16 :]
    rows = [np.argwhere(p)[:, 0].tolist() for p in planes]
    px = 100.0 / 128.0
    assert rows == [[int(20.0 / px)]] * 3 + [[int(50.0 / px)]]
    w.seen[0, 3] = 0
    assert not render(w, b)[0, BevChannel.PERSON_T1].any()


def test_route_band_ends_at_the_goal_and_the_waypoint_is_the_next_unpaid():
    w, b = _empty_world()
    episode = w.episode[0]
    n = 100
    w.route[0, :n, :3] = np.stack([np.arange(n) - 20.0, np.zeros(n), np.zeros(n)], 1)
    episode[[Episode.ROUTE_POINTS, Episode.ROUTE_LENGTH, Episode.S_REAR]] = n, 45.0, 20.0
    episode[[Episode.ROUTE_START, Episode.WAYPOINTS_PAID]] = 22.0, 1.0
    frame = render(w, b)[0]
    rows, cols = np.nonzero(frame[BevChannel.ROUTE])
    px = 100.0 / 128.0
    assert rows.min() == pytest.approx((50.0 - 25.0) / px, abs=1.0)
    assert rows.max() == pytest.approx(50.0 / px, abs=1.0)
    assert len(set(cols)) in (3, 4)  # 2.5 m of 0.78 m pixels
    assert np.argwhere(frame[BevChannel.NEXT_WAYPOINT])[:, 0].mean() == pytest.approx((50.0 - 22.0) / px - 0.5, abs=0.6)
