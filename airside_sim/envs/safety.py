"""Safety-Gymnasium's interface, natively: `step` gives (obs, reward, cost, terminated, truncated, info).

`make_safe(id)` needs no safety_gymnasium. With the real package installed, `airside_sim.load_safety_gymnasium()`
registers the same environments there (see `airside_sim.envs.safety_loader`).
"""

from typing import Any

from airside_sim.envs.registration import ENV_IDS, SAFE_PREFIX, SCENARIO_OF_ID
from airside_sim.envs.single import AirsideEnv
from airside_sim.resources import did_you_mean


class SafeAirsideEnv(AirsideEnv):
    """`AirsideEnv` with the cost as its own value; `info` is the same but for the key "cost"."""

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        obs, info = super().reset(seed=seed, options=options)
        del info["cost"]
        return obs, info

    def step(self, action: Any) -> tuple[Any, float, float, bool, bool, dict[str, Any]]:  # type: ignore[override]
        obs, reward, terminated, truncated, info = super().step(action)
        cost = info.pop("cost")
        return obs, reward, cost, terminated, truncated, info


def make_safe(id: str, **keywords: Any) -> SafeAirsideEnv:
    """The environment `id` (with or without the prefix "Safety") as a six-value environment."""
    name = str(id).rpartition(":")[2]
    base_id = name.removeprefix(SAFE_PREFIX)
    if base_id not in SCENARIO_OF_ID:
        raise ValueError(f"unknown environment id '{id}'{did_you_mean(base_id, list(ENV_IDS))}")
    return SafeAirsideEnv(base_scenario=SCENARIO_OF_ID[base_id], **keywords)
