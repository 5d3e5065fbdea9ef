"""PPO, SAC and PPO-Lagrangian from Stable-Baselines3 over the vector observation: the rows others must beat."""
