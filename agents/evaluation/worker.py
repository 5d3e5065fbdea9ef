"""The process in which somebody else's agent runs: `python -m agents.evaluation.worker`, spoken to through pipes.

A message is a line of JSON, then the raw bytes of the arrays it names. Nothing is pickled in either direction. What the
agent prints goes to stderr. The address space is limited before the agent is imported.
"""

import importlib
import importlib.util
import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

OBS_KEYS = ("obs_type", "bev_size", "layout", "packed")  # what an agent may choose: its eyes, not its world


class PathAgent:
    """A checkpoint folder as an agent that takes whole batches."""

    takes_batches = True

    def __init__(self, folder: str) -> None:
        import torch

        from agents.registry import load_policy
        from agents.zoo import read_manifest

        torch.set_num_threads(1)
        self.obs = {"obs_type": read_manifest(Path(folder))["obs_type"]}
        self._policy = load_policy(Path(folder))

    def act(self, obs: Any) -> np.ndarray:
        return self._policy.act(obs)


def load_object(spec: str) -> Any:
    """`module:Object` or `file.py:Object`; a class is called without arguments."""
    place, _, name = spec.rpartition(":")
    if place.endswith(".py"):
        module_spec = importlib.util.spec_from_file_location(Path(place).stem, place)
        if module_spec is None or module_spec.loader is None:
            raise ImportError(f"{place}: no Python file")
        module = importlib.util.module_from_spec(module_spec)
        sys.path.insert(0, str(Path(place).resolve().parent))
        module_spec.loader.exec_module(module)
    else:
        module = importlib.import_module(place)
    found = getattr(module, name)
    return found() if isinstance(found, type) else found


def limit_memory(megabytes: int) -> None:
    """Refuse this process more address space than that; then MemoryError is raised where it asks for more."""
    size = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def read_message(stream: BinaryIO) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A header and its arrays; EOFError when the other side has closed."""
    line = stream.readline()
    if not line:
        raise EOFError
    head = json.loads(line)
    arrays = {}
    for name, dtype, shape in head.get("arrays", []):
        size = int(np.dtype(dtype).itemsize * np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(stream.read(size), dtype).reshape(shape).copy()
    return head, arrays


def pack_message(head: dict[str, Any], arrays: dict[str, np.ndarray] | None = None) -> bytes:
    """Bytes of a message."""
    arrays = {name: np.ascontiguousarray(a) for name, a in (arrays or {}).items()}
    listed = [[name, a.dtype.str, list(a.shape)] for name, a in arrays.items()]
    return (json.dumps(head | {"arrays": listed}) + "\n").encode() + b"".join(a.tobytes() for a in arrays.values())


def _describe(agent: Any) -> dict[str, Any]:
    """What the agent wants to see, and whether it takes batches."""
    wanted = dict(getattr(agent, "obs", None) or {"obs_type": getattr(agent, "obs_type", "objects")})
    unknown = [key for key in wanted if key not in OBS_KEYS]
    if unknown:
        raise ValueError(f"obs: '{unknown[0]}' is not the agent's to choose; allowed are {', '.join(OBS_KEYS)}")
    if not callable(getattr(agent, "act", None)):
        raise TypeError(f"{type(agent).__name__} has no method act(obs)")
    return {"obs": wanted, "batches": bool(getattr(agent, "takes_batches", False))}


def _answer(agent: Any, head: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    if head["do"] == "reset":
        if callable(getattr(agent, "reset", None)):
            agent.reset()
        return pack_message({"ok": True})
    obs = arrays if head["is_dict"] else arrays["obs"]
    start = time.perf_counter()
    action = np.asarray(agent.act(obs), dtype=np.float64)
    ms = 1e3 * (time.perf_counter() - start)
    if action.size > 1_000_000:
        raise ValueError(f"action has shape {action.shape}")
    return pack_message({"ok": True, "ms": ms}, {"action": action})


def _words(error: BaseException) -> str:
    """`ValueError: text (file.py:12)`, one line."""
    if isinstance(error, MemoryError):
        return "memory"
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}".splitlines()[0][:300] + where


def main() -> None:
    """Serve one agent until the pipe closes."""
    spec, is_folder, megabytes = sys.argv[1], sys.argv[2] == "folder", int(sys.argv[3])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # prints of the agent do not belong into the conversation
    source = sys.stdin.buffer
    try:
        limit_memory(megabytes)
        agent = PathAgent(spec) if is_folder else load_object(spec)
        reply = pack_message({"ok": True, **_describe(agent)})
    except BaseException as error:
        out.write(pack_message({"error": _words(error)}))
        out.flush()
        return
    while True:
        out.write(reply)
        out.flush()
        try:
            head, arrays = read_message(source)
        except EOFError:
            return
        try:
            reply = _answer(agent, head, arrays)
        except BaseException as error:
            reply = pack_message({"error": _words(error)})


if __name__ == "__main__":
    main()
