"""PyTorch's view of `airside_sim.data`: batches as tensors that share memory with the loader's arrays.

batches = WindowBatches(WindowLoader(FileSource("demo.h5"), length=64, batch_size=16))
for batch in torch.utils.data.DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=2):
    bev = unpack_bev(batch["bev"].to(device))  # (16, 64, 34, S, S) u8 of 0 and 255
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from airside_sim.data.alignment import gym_rows
from airside_sim.data.loader import USUAL_LEAVES, Batch, WindowLoader
from airside_sim.data.sources import Source


class WindowBatches(IterableDataset):
    """A loader's batches, the same in the same order for any number of workers.

    PyTorch asks worker after worker in turn, so of W workers number w makes batches w, w + W, w + 2 W ...
    """

    def __init__(self, loader: WindowLoader, *, num_batches: int | None = None) -> None:
        self.loader = loader
        self.num_batches = num_batches  # in all; None: without end

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        numbers = range(first, self.num_batches, step) if self.num_batches is not None else None
        batches = self.loader.batches(first=first, step=step, prefetch=0 if worker else 2)
        for _, batch in zip(numbers, batches) if numbers is not None else ((0, b) for b in batches):  # noqa: B905
            yield as_tensors(batch)


class Transitions(Dataset):
    """Every transition of a source by number: gym order, `next_*` beside each observation.

    `bev` and `next_bev` are packed; terminals that only a time limit made are `truncated`, not `terminated`.
    """

    def __init__(self, source: Source, *, leaves: tuple[str, ...] = USUAL_LEAVES, with_bev: bool = True) -> None:
        self.source, self.leaves = source, tuple(dict.fromkeys((*leaves, "action", "terminated", "truncated")))
        self._shape = source.frame_shape() if with_bev else ()
        self._ends = np.cumsum(source.lengths)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, n: int) -> dict[str, torch.Tensor]:
        if not 0 <= n < len(self):
            raise IndexError(n)
        i = int(np.searchsorted(self._ends, n, side="right"))
        t = n - int(self._ends[i] - self.source.lengths[i])
        rows = gym_rows({name: self.source.leaf(i, name) for name in self.leaves}, t, 1)
        if self._shape:
            rows["bev"] = np.empty((2, *self._shape), np.uint8)
            self.source.frames(i, t, rows["bev"])
        for name in ("mask", "obs_mask", "is_first", "is_last"):
            rows.pop(name)
        out = {name: row[0] for name, row in rows.items()}
        out |= {f"next_{name}": row[1] for name, row in rows.items() if len(row) == 2}
        return as_tensors({name: np.asarray(row) for name, row in out.items()})


def as_tensors(batch: Batch) -> dict[str, torch.Tensor]:
    """Tensors that share the arrays' memory (arrays that may not be written to are copied)."""
    return {name: torch.from_numpy(a if a.flags.writeable else a.copy()) for name, a in batch.items()}


def unpack_bev(packed: torch.Tensor) -> torch.Tensor:
    """(..., S, S / 8) u8 -> (..., S, S) u8 of 0 and 255, on the tensor's device."""
    shifts = torch.arange(7, -1, -1, device=packed.device, dtype=torch.uint8)
    bits = (packed.unsqueeze(-1) >> shifts) & 1
    return bits.flatten(-2) * 255
