"""Bags as a company's vehicle records them: GPS and IMU, CAN numbers, vision_msgs detections, and no status topics."""

import math

import numpy as np
import pytest

from airside_sim.bags.container import open_bag_writer
from airside_sim.bags.convert import convert_to
from airside_sim.bags.evidence import gather, read_episodes
from airside_sim.bags.messages import header_of
from airside_sim.bags.tracks import local_enu
from airside_sim.columns import Body, Ego
from airside_sim.constants import ActorClass, VehicleClass

START_NS = 1_700_000_000_000_000_000
ANTENNA_M = (1.2, 0.3)
ORIGIN = (50.0, 8.5)
NAMES = {ActorClass.AIRCRAFT: "aircraft", ActorClass.BAGGAGE_CART: "dolly", ActorClass.FUEL_TRUCK: "truck",
         ActorClass.PERSONNEL: "person"}  # fmt: skip

PROFILE = f"""
schema_version: 1
name: company
datum: {{lat: {ORIGIN[0]}, lon: {ORIGIN[1]}}}
vehicle: {{kind: tractor, trailers: 2}}
gps: {{topic: /gps, required: true, antenna_m: [{ANTENNA_M[0]}, {ANTENNA_M[1]}]}}
imu: {{topic: /imu, required: true, yaw_offset_deg: 90}}
speed: {{topic: /can/speed_kmh, scale: {1 / 3.6!r}}}
steering: {{topic: /can/wheel_deg, scale: {math.radians(1) / 16!r}}}
command: {{topic: /drive}}
objects:
  topic: /detections
  classes:
    aircraft: {{actor: aircraft}}
    gse: {{actor: gse}}
    dolly: {{actor: baggage_cart}}
    truck: {{actor: fuel_truck}}
    person: {{actor: personnel}}
route: {{topic: /path}}
"""


def _to_lat_lon(x_m, y_m):
    """Inverse of `local_enu` by three Newton steps."""
    at = np.array([[*ORIGIN]])
    for _ in range(3):
        east, north = local_enu(at, ORIGIN)[0]
        degree_m = 111_300.0 * math.cos(math.radians(ORIGIN[0]))
        at = at + np.array([[(y_m - north) / 111_200.0, (x_m - east) / degree_m]])
    return at[0]


class _Company:
    """Writes a playout the way such a vehicle would."""

    def __init__(self, bag, playout):
        self.bag, self.playout, self.t = bag, playout, bag.store.types

    def write(self):
        count = self.playout.num_steps * 2
        self._route()
        for k in range(count + 1):
            time_s = 0.05 * k
            row = self.playout.ego_at(np.array([time_s]))[0]
            header = header_of(self.bag.store, START_NS + round(time_s * 1e9), "gps")
            log_ns = START_NS + round(time_s * 1e9) + 2_000_000
            self._motion(header, log_ns, row, time_s)
            if k % 2 == 0:
                self.bag.write("/detections", log_ns, self._detections(header, time_s))

    def _motion(self, header, log_ns, row, time_s):
        t, c, s = self.t, math.cos(row[Ego.HEADING]), math.sin(row[Ego.HEADING])
        lat, lon = _to_lat_lon(row[Ego.X] + c * ANTENNA_M[0] - s * ANTENNA_M[1],
                               row[Ego.Y] + s * ANTENNA_M[0] + c * ANTENNA_M[1])  # fmt: skip
        status = t["sensor_msgs/msg/NavSatStatus"](status=0, service=1)
        self.bag.write("/gps", log_ns, t["sensor_msgs/msg/NavSatFix"](
            header=header, status=status, latitude=lat, longitude=lon, altitude=100.0,
            position_covariance=np.zeros(9), position_covariance_type=0))  # fmt: skip
        vector = t["geometry_msgs/msg/Vector3"]
        self.bag.write("/imu", log_ns, t["sensor_msgs/msg/Imu"](
            header=header, orientation=self._turned(row[Ego.HEADING] - math.pi / 2),
            orientation_covariance=np.zeros(9), angular_velocity=vector(x=0.0, y=0.0, z=float(row[Ego.YAW_RATE])),
            angular_velocity_covariance=np.zeros(9), linear_acceleration=vector(x=0.0, y=0.0, z=9.8),
            linear_acceleration_covariance=np.zeros(9)))  # fmt: skip
        number = t["std_msgs/msg/Float32"]
        self.bag.write("/can/speed_kmh", log_ns, number(data=float(3.6 * row[Ego.SPEED])))
        self.bag.write("/can/wheel_deg", log_ns, number(data=float(16.0 * math.degrees(row[Ego.STEER]))))
        steer, speed = self.playout.wish[min(int(time_s / 0.1 + 1e-6), self.playout.num_steps - 1)]
        drive = t["ackermann_msgs/msg/AckermannDrive"](
            steering_angle=float(steer), steering_angle_velocity=0.0, speed=float(speed), acceleration=0.0, jerk=0.0
        )
        self.bag.write("/drive", log_ns, t["ackermann_msgs/msg/AckermannDriveStamped"](header=header, drive=drive))

    def _turned(self, heading):
        kind = self.t["geometry_msgs/msg/Quaternion"]
        return kind(x=0.0, y=0.0, z=math.sin(heading / 2), w=math.cos(heading / 2))

    def _pose(self, x, y, heading):
        point = self.t["geometry_msgs/msg/Point"](x=float(x), y=float(y), z=0.0)
        return self.t["geometry_msgs/msg/Pose"](position=point, orientation=self._turned(heading))

    def _detections(self, header, time_s):
        t, ((track, body), _) = self.t, self.playout.objects_at(time_s)
        found = [self._detection(header, int(n), row) for n, row in zip(track, body, strict=True)]
        return t["vision_msgs/msg/Detection3DArray"](header=header, detections=found)

    def _detection(self, header, number, row):
        t, actor = self.t, ActorClass(int(row[Body.CLASS]))
        middle = 0.0 if actor == ActorClass.PERSONNEL else 0.5 * (row[Body.FRONT] - row[Body.REAR])
        length = 2.0 * row[Body.HALF_WIDTH] if actor == ActorClass.PERSONNEL else row[Body.FRONT] + row[Body.REAR]
        heading = math.atan2(row[Body.SIN], row[Body.COS])
        pose = self._pose(row[Body.X] + middle * row[Body.COS], row[Body.Y] + middle * row[Body.SIN], heading)
        size = t["geometry_msgs/msg/Vector3"](x=float(length), y=float(2.0 * row[Body.HALF_WIDTH]), z=2.0)
        hypothesis = t["vision_msgs/msg/ObjectHypothesis"](class_id=NAMES.get(actor, "gse"), score=0.9)
        unsure = t["geometry_msgs/msg/PoseWithCovariance"](pose=pose, covariance=np.zeros(36))
        result = t["vision_msgs/msg/ObjectHypothesisWithPose"](hypothesis=hypothesis, pose=unsure)
        box = t["vision_msgs/msg/BoundingBox3D"](center=pose, size=size)
        return t["vision_msgs/msg/Detection3D"](header=header, results=[result], bbox=box, id=str(number))

    def _route(self):
        header = header_of(self.bag.store, START_NS, "map")
        kind = self.t["geometry_msgs/msg/PoseStamped"]
        poses = [kind(header=header, pose=self._pose(x, y, 0.0)) for x, y in self.playout.route_xy[::3]]
        self.bag.write("/path", START_NS, self.t["nav_msgs/msg/Path"](header=header, poses=poses))


@pytest.fixture(scope="module")
def converted(tmp_path_factory, drive):
    folder = tmp_path_factory.mktemp("company")
    (folder / "company.yaml").write_text(PROFILE)
    with open_bag_writer(folder / "bag", "mcap") as bag:
        _Company(bag, drive).write()
    (report,) = convert_to([folder / "bag"], folder / "out.h5", map="hub", profile=folder / "company.yaml",
                           max_stop_s=0.0, min_steps=20)  # fmt: skip
    return read_episodes(folder / "out.h5"), report, folder


def test_gps_imu_and_detections_give_the_drive(converted, drive):
    (episode,), _, _ = converted
    first = int(episode.stamp_ns[0] - START_NS) // 100_000_000
    true = drive.ego[first : first + episode.num_steps + 1]
    assert np.hypot(*(episode.pose[:, :2] - true[:, [Ego.X, Ego.Y]]).T).max() < 0.03  # m
    assert np.abs(episode.pose[:, 2] - true[:, Ego.HEADING]).max() < 0.002
    np.testing.assert_allclose(episode.state[:, 0], true[:, Ego.SPEED], atol=0.02)
    np.testing.assert_allclose(episode.action, drive.action[first : first + episode.num_steps], atol=0.02)
    found = gather([episode], [drive], [START_NS])
    assert found.iou("aircraft_newest") > 0.9
    assert found.iou("gse_newest") > 0.9
    assert found.f1("people_newest") > 0.98


def test_what_the_recording_lacks_is_said(converted):
    (episode,), report, _ = converted
    assert report["missing"] == []  # the profile asks for nothing that is not there
    assert episode.meta.source == "bag:bag@0.0"
    assert "missing_terms" in episode.meta.quality


def test_another_reader_sees_the_same_messages(converted):
    decoder = pytest.importorskip("mcap_ros2.decoder")
    from mcap.reader import make_reader

    _, report, folder = converted
    (file,) = (folder / "bag").glob("*.mcap")
    counts: dict[str, int] = {}
    with file.open("rb") as stream:
        for _, channel, _, message in make_reader(
            stream, decoder_factories=[decoder.DecoderFactory()]
        ).iter_decoded_messages():
            counts[channel.topic] = counts.get(channel.topic, 0) + 1
            if channel.topic == "/detections":
                assert all(d.bbox.size.x > 0 for d in message.detections)
    for stream_report in report["streams"].values():
        assert counts[stream_report["topic"]] == stream_report["messages"]


def test_unknown_classes_are_counted(tmp_path, converted):
    _, _, folder = converted
    profile = tmp_path / "p.yaml"
    profile.write_text(PROFILE.replace("    person: {actor: personnel}\n", ""))
    (report,) = convert_to([folder / "bag"], tmp_path / "o.h5", map="hub", profile=profile, min_steps=20)
    assert report["unknown_classes"]["person"] > 0


def test_a_gps_fix_lands_where_geodesy_says():
    # one arc second of latitude at 50 degrees is 30.90 m, of longitude 19.92 m (WGS 84)
    np.testing.assert_allclose(local_enu(np.array([[50.0 + 1 / 3600, 8.5]]), ORIGIN), [[0.0, 30.897]], atol=0.01)
    np.testing.assert_allclose(local_enu(np.array([[50.0, 8.5 + 1 / 3600]]), ORIGIN), [[19.915, 0.0]], atol=0.01)


def test_shapes_come_from_size(converted):
    from airside_sim.aircraft_types import AIRCRAFT_NAMES
    from airside_sim.bags.detections import shape_of

    assert shape_of(ActorClass.AIRCRAFT, "", 37.5, 35.8) == AIRCRAFT_NAMES.index("A320")
    assert shape_of(ActorClass.GSE, "", 13.9, 3.0) == VehicleClass.BUS
    assert shape_of(ActorClass.PERSONNEL, "", 0.5, 0.5) == -1
