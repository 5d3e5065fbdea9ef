"""An agent in a process of its own, with a clock and a memory limit. Whatever it does, the judge goes on.

The limits are against accidents and greed (crash, hang, leak), not a jail: run code of strangers in a container.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.evaluation.worker import pack_message

MAX_HEADER = 1 << 16
MAX_ACTION_BYTES = 1 << 20
GARBLED = "it wrote into the conversation"


class AgentFailure(Exception):
    """The agent did not give an action; the text says why."""


@dataclass(frozen=True)
class Limits:
    """What an agent may use."""

    action_s: float = 1.0  # for one action
    episode_s: float = 120.0  # for all actions of an episode
    start_s: float = 60.0  # to import and build itself
    memory_mb: int = 4096  # of address space

    def __post_init__(self) -> None:
        """Limits that allow nothing are a mistake."""
        if min(self.action_s, self.episode_s, self.start_s, self.memory_mb) <= 0:
            raise ValueError(f"Limits must be above 0: {self}")


class Sandbox:
    """One process with one agent. `act` raises `AgentFailure`; after one, `close` it and begin another."""

    def __init__(self, target: str, *, is_folder: bool, limits: Limits) -> None:
        self._limits = limits
        quiet = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        words = (target, "folder" if is_folder else "object", str(limits.memory_mb))
        self._process = subprocess.Popen(
            (sys.executable, "-m", "agents.evaluation.worker", *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=os.environ | quiet, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdin
        assert self._process.stdout
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        self._buffer = b""
        try:
            hello = self._receive(limits.start_s, f"it did not start within {limits.start_s:g} s")[0]
        except AgentFailure:
            self.close()
            raise
        self.obs: dict[str, Any] = hello["obs"]
        self.takes_batches: bool = bool(hello["batches"])

    def reset(self) -> None:
        """Tell the agent that an episode begins."""
        self._send({"do": "reset"}, {}, time.monotonic() + self._limits.action_s)
        self._receive(self._limits.start_s, f"reset() took over {self._limits.start_s:g} s")

    def act(self, obs: Any, share: int = 1) -> tuple[np.ndarray, float]:
        """Action (float64, any shape) for `obs`, and its ms; `share` worlds are in it, each with its own time."""
        limit_s = self._limits.action_s * share
        arrays = obs if isinstance(obs, dict) else {"obs": obs}
        self._send({"do": "act", "is_dict": isinstance(obs, dict)}, arrays, time.monotonic() + limit_s)
        head, arrays = self._receive(limit_s, f"no action within {self._limits.action_s:g} s")
        if "action" not in arrays or not isinstance(head.get("ms"), float):
            raise AgentFailure(GARBLED)
        return arrays["action"], head["ms"]

    def close(self) -> None:
        """End the process and whatever it started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue

    def _send(self, head: dict[str, Any], arrays: dict[str, np.ndarray], deadline: float) -> None:
        left = memoryview(pack_message(head, arrays))
        while left:
            _, ready, _ = select.select([], [self._in], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise AgentFailure("it did not take its observation")
            try:
                left = left[os.write(self._in, left) :]
            except BrokenPipeError as error:
                raise AgentFailure(self._epitaph()) from error

    def _receive(self, limit_s: float, too_late: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        deadline = time.monotonic() + limit_s
        while b"\n" not in self._buffer:
            self._fill(deadline, too_late)
            if len(self._buffer) > MAX_HEADER and b"\n" not in self._buffer[:MAX_HEADER]:
                raise AgentFailure(GARBLED)
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            head = json.loads(line)
            wanted = [(str(name), np.dtype(dtype), [int(s) for s in shape]) for name, dtype, shape in head["arrays"]]
            sizes = [int(dtype.itemsize * np.prod(shape, dtype=np.int64)) for _, dtype, shape in wanted]
            if any(dtype != np.float64 for _, dtype, _ in wanted) or not all(0 <= n <= MAX_ACTION_BYTES for n in sizes):
                raise ValueError(wanted)
        except (ValueError, TypeError, KeyError) as error:
            raise AgentFailure(GARBLED) from error
        if "error" in head:
            memory = f"it asked for more than {self._limits.memory_mb} MB of memory"
            raise AgentFailure(memory if head["error"] == "memory" else str(head["error"]))
        arrays = {}
        for (name, dtype, shape), size in zip(wanted, sizes, strict=True):
            while len(self._buffer) < size:
                self._fill(deadline, too_late)
            arrays[name] = np.frombuffer(self._buffer[:size], dtype).reshape(shape)
            self._buffer = self._buffer[size:]
        return head, arrays

    def _fill(self, deadline: float, too_late: str) -> None:
        ready, _, _ = select.select([self._out], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise AgentFailure(too_late)
        part = os.read(self._out, 1 << 20)
        if not part:
            raise AgentFailure(self._epitaph())
        self._buffer += part

    def _epitaph(self) -> str:
        try:
            code = self._process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            return "it closed the conversation"
        return f"its process died of {signal.Signals(-code).name}" if code < 0 else f"its process ended (exit {code})"
