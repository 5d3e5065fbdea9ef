"""The environment ids and what stands behind each; registering them twice changes nothing."""

from gymnasium.envs.registration import register, registry

SCENARIO_OF_ID = {
    "AirsideServiceRoad-v0": "service_road",
    "AirsidePushback-v0": "pushback",
    "AirsideCrossing-v0": "crossing",
    "AirsideTurnaround-v0": "turnaround",
    "AirsideApron-v0": "apron",
    "AirsidePeak-v0": "peak",
}
ENV_IDS = tuple(SCENARIO_OF_ID)
SAFE_PREFIX = "Safety"


def safe_id(env_id: str) -> str:
    """Six-value name of an id: AirsideApron-v0 -> SafetyAirsideApron-v0."""
    return f"{SAFE_PREFIX}{env_id}"


def register_envs() -> None:
    """Put every id into gymnasium's registry. Time limits live in the kernel, so no TimeLimit wrapper is added."""
    for env_id, scenario in SCENARIO_OF_ID.items():
        if env_id not in registry:
            register(
                id=env_id,
                entry_point="airside_sim.envs.single:AirsideEnv",
                vector_entry_point="airside_sim.envs.vector:AirsideVectorEnv",
                max_episode_steps=None,
                kwargs={"base_scenario": scenario},
            )
