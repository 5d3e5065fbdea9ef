"""airside_sim: drive vehicles on a real airport's apron, through Gymnasium.

Importing the package registers the environment ids and nothing else; everything heavy loads on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from airside_sim.constants import ActorClass, BevChannel
from airside_sim.envs.registration import ENV_IDS, register_envs

if TYPE_CHECKING:
    from airside_sim.drivers import make_driver
    from airside_sim.envs.parallel import parallel_env
    from airside_sim.envs.safety import make_safe
    from airside_sim.envs.safety_loader import load_safety_gymnasium
    from airside_sim.envs.sb3 import make_sb3_vec
    from airside_sim.packing import pack_bev, unpack_bev
    from airside_sim.replay import RecordReplay
    from airside_sim.state_features import ObjectFeature, StateFeature

__version__ = "0.1.0"

_LAZY = {
    "StateFeature": "airside_sim.state_features",
    "ObjectFeature": "airside_sim.state_features",
    "pack_bev": "airside_sim.packing",
    "unpack_bev": "airside_sim.packing",
    "RecordReplay": "airside_sim.replay",
    "make_driver": "airside_sim.drivers",
    "make_safe": "airside_sim.envs.safety",
    "load_safety_gymnasium": "airside_sim.envs.safety_loader",
    "make_sb3_vec": "airside_sim.envs.sb3",
    "parallel_env": "airside_sim.envs.parallel",
}

__all__ = [
    "ENV_IDS",
    "ActorClass",
    "BevChannel",
    "ObjectFeature",
    "RecordReplay",
    "StateFeature",
    "__version__",
    "load_safety_gymnasium",
    "make_driver",
    "make_safe",
    "make_sb3_vec",
    "pack_bev",
    "parallel_env",
    "register_envs",
    "unpack_bev",
]


def __getattr__(name: str) -> Any:
    """Public names that need heavy imports arrive when first asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'airside_sim' has no attribute '{name}'")
    return getattr(import_module(_LAZY[name]), name)


register_envs()
