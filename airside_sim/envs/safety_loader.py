"""Opt-in loader that makes the real safety-gymnasium 1.0.0 run beside a current gymnasium.

The package was written for gymnasium 0.28 and Python 3.10. What it misses is lent to it while it is imported (five
`gymnasium.wrappers.*` modules, a `dataclass` that accepts array defaults) and taken back afterwards; its registration
module and vector classes get our versions for good. Nothing outside safety_gymnasium stays changed.
"""

import contextlib
import dataclasses
import importlib
import importlib.util
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs import registration as gym_registration

from airside_sim.envs import safety_compat
from airside_sim.envs.registration import SCENARIO_OF_ID, safe_id

INSTALL_HINT = "pip install 'airside_sim[safety]' && pip install --no-deps safety-gymnasium==1.0.0"


def load_safety_gymnasium() -> types.ModuleType:
    """Import safety_gymnasium, register every `SafetyAirside*-v0` id there, and return the module. Idempotent."""
    if importlib.util.find_spec("safety_gymnasium") is None:
        raise ModuleNotFoundError(f"safety_gymnasium is not installed; run: {INSTALL_HINT}")
    package = sys.modules.get("safety_gymnasium")
    if package is None:
        with _lent_modules(), _array_defaults():
            package = importlib.import_module("safety_gymnasium")
        _mend_registration(package)
        _mend_vectors(package)
    _register_ids(package)
    return package


def _register_ids(package: types.ModuleType) -> None:
    for env_id, scenario in SCENARIO_OF_ID.items():
        name, _, version = safe_id(env_id).partition("-")
        if f"{name}-{version}" in gymnasium.registry:
            continue
        package.register(
            id=f"{name}-{version}",
            entry_point="airside_sim.envs.safety:SafeAirsideEnv",
            kwargs={"base_scenario": scenario},
        )
        gymnasium.register(
            id=f"{name}Gymnasium-{version}",
            entry_point="safety_gymnasium.wrappers.gymnasium_conversion:make_gymnasium_environment",
            kwargs={"env_id": f"{name}Gymnasium-{version}"},
        )


@contextlib.contextmanager
def _lent_modules() -> Iterator[None]:
    """The `gymnasium.wrappers` submodules that gymnasium 1.0 removed, present during the import only."""
    contents: dict[str, dict[str, Any]] = {
        "compatibility": {"EnvCompatibility": safety_compat.EnvCompatibility},
        "autoreset": {"AutoResetWrapper": safety_compat.AutoResetWrapper},
        "env_checker": {"PassiveEnvChecker": gymnasium.wrappers.PassiveEnvChecker},
        "time_limit": {"TimeLimit": gymnasium.wrappers.TimeLimit},
        "normalize": {
            "NormalizeObservation": safety_compat.NormalizeObservation,
            "NormalizeReward": safety_compat.NormalizeReward,
            "RunningMeanStd": safety_compat.RunningMeanStd,
        },
    }
    lent = []
    for name, values in contents.items():
        full_name = f"gymnasium.wrappers.{name}"
        if full_name not in sys.modules and importlib.util.find_spec(full_name) is None:
            module = types.ModuleType(full_name)
            module.__dict__.update(values)
            sys.modules[full_name] = module
            lent.append(full_name)
    try:
        yield
    finally:
        for full_name in lent:
            del sys.modules[full_name]


@contextlib.contextmanager
def _array_defaults() -> Iterator[None]:
    """`dataclasses.dataclass` that takes ndarray defaults, which Python 3.11 refuses as mutable."""
    original = dataclasses.dataclass

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        def decorate(target: type) -> type:
            for name in inspect.get_annotations(target):
                default = target.__dict__.get(name)
                if isinstance(default, np.ndarray):
                    setattr(target, name, dataclasses.field(default_factory=default.copy))
            return original(target, **options)

        return decorate if cls is None else decorate(cls)

    dataclasses.dataclass = dataclass  # type: ignore[assignment]
    try:
        yield
    finally:
        dataclasses.dataclass = original


def _mend_registration(package: types.ModuleType) -> None:
    """Give their `make` specs that still carry `autoreset` and `apply_api_compatibility`."""

    class Spec(gym_registration.EnvSpec):
        def __init__(self, *args: Any, autoreset: bool = False, apply_api_compatibility: bool = False, **kw: Any):
            super().__init__(*args, **kw)
            self.autoreset = autoreset
            self.apply_api_compatibility = apply_api_compatibility

    def find_spec(env_id: str) -> Spec:
        found = gym_registration._find_spec(env_id)
        return Spec(**{f.name: getattr(found, f.name) for f in dataclasses.fields(found) if f.init})

    module = importlib.import_module(f"{package.__name__}.utils.registration")
    module.EnvSpec = Spec  # type: ignore[attr-defined]
    module._find_spec = find_spec  # type: ignore[attr-defined]


def _mend_vectors(package: types.ModuleType) -> None:
    """Replace their vector classes, whose base classes lost the methods they override."""
    vector = importlib.import_module(f"{package.__name__}.vector")
    for module_name, class_name in (
        ("sync_vector_env", "SafetySyncVectorEnv"),
        ("async_vector_env", "SafetyAsyncVectorEnv"),
    ):
        ours = getattr(safety_compat, class_name)
        setattr(vector, class_name, ours)
        setattr(importlib.import_module(f"{package.__name__}.vector.{module_name}"), class_name, ours)
