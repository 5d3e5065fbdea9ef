"""Numba kernels: per-env functions `f(e, world, ...)` that write `World` in place."""
