"""The one error of this package, and the import of the optional library behind it."""

import importlib
from types import ModuleType


class BagError(ValueError):
    """A bag, or what it should be read by, cannot be used; the message names file, topic and fix."""


def need_rosbags(name: str = "rosbags") -> ModuleType:
    """The module `name` of the `rosbags` library; ImportError names the extra that installs it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"ROS bags need the library rosbags: pip install 'airside_sim[bags]' ({error})") from error
