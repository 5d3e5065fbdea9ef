"""The generator: published SplitMix64 values, ranges, independence of envs."""

import numpy as np

from airside_sim import rng


def test_matches_published_splitmix64_values():
    # reference sequence for state 0: first three outputs of SplitMix64 (Steele, Lea & Flood 2014; Vigna's splitmix64.c)
    words = np.array([0], dtype=np.uint64)
    got = [int(rng.next_u64(words, 0)) for _ in range(3)]
    assert got == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_uniform_is_in_range_and_has_the_right_moments():
    words = np.array([rng.seed_word(5)], dtype=np.uint64)
    draws = np.array([rng.uniform(words, 0) for _ in range(20_000)])
    assert draws.min() >= 0.0
    assert draws.max() < 1.0
    assert abs(draws.mean() - 0.5) < 0.01
    assert abs(draws.var() - 1 / 12) < 0.003


def test_normal_moments():
    words = np.array([rng.seed_word(6)], dtype=np.uint64)
    draws = np.array([rng.normal(words, 0) for _ in range(20_000)])
    assert abs(draws.mean()) < 0.03
    assert abs(draws.std() - 1.0) < 0.03


def test_randint_covers_its_range_only():
    words = np.array([rng.seed_word(7)], dtype=np.uint64)
    assert {rng.randint(words, 0, 5) for _ in range(500)} == {0, 1, 2, 3, 4}


def test_envs_do_not_share_words():
    pair = np.array([rng.seed_word(1), rng.seed_word(2)], dtype=np.uint64)
    alone = pair[1:].copy()
    for _ in range(10):
        rng.next_u64(pair, 0)
    assert [rng.next_u64(pair, 1) for _ in range(5)] == [rng.next_u64(alone, 0) for _ in range(5)]


def test_neighbouring_seeds_differ():
    assert len({int(rng.seed_word(s)) for s in range(10_000)}) == 10_000
