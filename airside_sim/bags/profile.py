"""Topic profiles: which topics of a recording mean what, one YAML file a fleet.

`load_profile` checks every key; a mistake says `FILE:LINE: field: what is wrong; did you mean ...?`. A stream that is
left out is absent; one with `required: true` makes a bag without its topic an error. Degrees only in this file.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from airside_sim.constants import ActorClass, VehicleClass
from airside_sim.mapping.yaml_io import load_yaml_model
from airside_sim.resources import find_file

ClassName = Literal["aircraft", "gse", "baggage_cart", "fuel_truck", "personnel", "ignore"]
ACTOR_OF: dict[str, int] = {actor.name.lower(): int(actor) for actor in ActorClass}
_VEHICLES = {vehicle.name.lower() for vehicle in VehicleClass}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stream(_Strict):
    """One topic of the bag."""

    topic: str = Field(min_length=1)
    required: bool = False
    clock_offset_s: float = 0.0  # how far this sensor's clock runs ahead of the vehicle's


class Scalar(Stream):
    """A number: a std_msgs one, or `field` of any message whose definition the bag holds ("status.angle_deg")."""

    field: str = ""
    scale: float = 1.0  # to m/s or rad; for a steering wheel 1 / ratio
    offset: float = 0.0  # added after the scale


class Antenna(Stream):
    """sensor_msgs/NavSatFix."""

    antenna_m: tuple[float, float] = (0.0, 0.0)  # forward and left of the rear axle


class Imu(Stream):
    """sensor_msgs/Imu: heading and yaw rate."""

    yaw_offset_deg: float = 0.0  # added to its yaw to give the heading counter-clockwise from map east


class Odometry(Stream):
    """nav_msgs/Odometry, or PoseStamped beside a speed."""

    reference_m: tuple[float, float] = (0.0, 0.0)  # forward and left of the rear axle


class Command(Stream):
    """AckermannDrive(Stamped), TwistStamped, VehicleCmd, or two fields of any other message."""

    steering_field: str = ""
    speed_field: str = ""
    action_time: Literal["mean", "at"] = "mean"  # over the tick, or at its start
    interpolation: Literal["hold", "linear"] = "hold"  # between two commands, for "at"


class ObjectClass(_Strict):
    """What a class name or number of the recording is here."""

    actor: ClassName
    shape: str = ""  # row of the vehicle table, or aircraft type; empty: by size


class ObjectStream(Stream):
    """vision_msgs Detection3DArray, autoware-like tracked objects, or airside_msgs/ObjectArray."""

    classes: dict[str, ObjectClass] = {}  # by class id as text
    centred: bool = True  # poses are of the middle of the box, as in vision_msgs; false: of the rear axle or main gear
    max_age_s: float = Field(default=0.15, gt=0, le=1)
    predict: bool = True  # move an object by its own velocity from its stamp to the tick: no look-ahead


class Mode(Stream):
    """Whether the vehicle drove itself."""

    field: str = ""
    autonomous: list[int | bool | str] = [True]  # values that mean it did
    cut: bool = True  # an edge ends the episode, and only driving in a mode of `keep` is kept
    keep: Literal["autonomous", "manual", "both"] = "autonomous"


class Layer(Stream):
    """nav_msgs/OccupancyGrid in the map frame, whose occupied cells are one class of actors."""

    actor: ClassName
    occupied_above: int = Field(default=50, ge=0, le=100)


class VehicleSetup(_Strict):
    """The vehicle that recorded."""

    kind: Literal["tractor", "bus", "bowser", "follow_me"] = "tractor"
    trailers: int = Field(default=0, ge=0, le=6)  # dollies when no train topic tells
    laden_kg: float = Field(default=0.0, ge=0)  # mass of the train


class Sky(_Strict):
    """Weather where no topic tells it."""

    visibility_m: float = Field(default=2000.0, gt=0, le=2000)
    friction: float = Field(default=0.8, gt=0, le=1)
    low_visibility_procedures: bool = False


class Datum(_Strict):
    """Where the map's (0, 0) lies, for GPS; absent: the map file's own origin."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Shift(_Strict):
    """The recording's map frame seen from the map file's."""

    x_m: float = 0.0
    y_m: float = 0.0
    turn_deg: float = 0.0


class Profile(_Strict):
    """A fleet's recordings. Every stream but the pose is optional."""

    schema_version: Literal[1]
    name: str
    distro: str = "humble"  # definitions for ROS 2 bags that hold none
    datum: Datum | None = None
    frame: Shift = Shift()
    vehicle: VehicleSetup = VehicleSetup()
    sky: Sky = Sky()
    max_gap_s: float = Field(default=0.3, gt=0, le=2)  # a longer one ends the episode
    odometry: Odometry | None = None
    gps: Antenna | None = None
    imu: Imu | None = None
    speed: Scalar | None = None
    steering: Scalar | None = None
    report: Stream | None = None  # steering and speed in one message
    command: Command | None = None
    objects: ObjectStream | None = None
    layers: list[Layer] = []
    clearance: Stream | None = None
    stands: Stream | None = None
    hazards: Stream | None = None
    train: Stream | None = None
    weather: Stream | None = None
    mode: Mode | None = None
    route: Stream | None = None
    episode: Stream | None = None

    @model_validator(mode="after")
    def _has_pose(self) -> "Profile":
        if self.odometry is None and (self.gps is None or self.imu is None):
            raise ValueError("give odometry, or both gps and imu: without them nothing says where the vehicle was")
        for name, known in (self.objects.classes if self.objects else {}).items():
            if known.actor not in ("aircraft", "ignore") and known.shape and known.shape not in _VEHICLES:
                raise ValueError(f"objects.classes.{name}.shape: '{known.shape}' is no row of the vehicle table")
        return self

    def streams(self) -> dict[str, Stream]:
        """Every stream that is given, by its name; layers as layers[0] ..."""
        found = {name: value for name, value in self if isinstance(value, Stream)}
        return found | {f"layers[{i}]": layer for i, layer in enumerate(self.layers)}


def load_profile(name_or_path: str | Path) -> Profile:
    """A shipped profile by name, or a file."""
    return load_yaml_model(find_file("profiles", name_or_path), Profile)
