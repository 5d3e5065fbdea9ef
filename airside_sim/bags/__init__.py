"""ROS bags in and out: the simulator writes recordings, and recordings become training data.

`write` puts an episode of the simulator into a bag; `read`, `sync`, `rebuild`, `segment` and `quality` turn a bag into
labelled episodes through the very kernels that step the simulator. Needs `pip install 'airside_sim[bags]'`, not ROS.
"""
