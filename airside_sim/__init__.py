"""airside_sim: drive vehicles on a real airport's apron, through Gymnasium, ten thousand frames a second.

Importing the package registers the environment ids and nothing else; everything heavy loads on first use.
"""

from typing import Any

__version__ = "0.1.0"
