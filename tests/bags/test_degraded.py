"""What is guessed when a recording lacks topics, other makes of object lists, and recordings in another frame."""

import math
from types import SimpleNamespace as Of

import numpy as np
import pytest

from airside_sim.bags.convert import convert_to
from airside_sim.bags.detections import ObjectReader
from airside_sim.bags.evidence import gather, read_episodes
from airside_sim.bags.profile import ObjectStream, load_profile
from airside_sim.bags.read import read_bag
from airside_sim.bags.rebuild import Rebuilder
from airside_sim.bags.segment import SegmentRules, segment
from airside_sim.bags.synth import START_NS, write_bag
from airside_sim.bags.tracks import align
from airside_sim.bags.write import TICK_RATES_HZ, BagStyle
from airside_sim.constants import ActorClass, BevChannel, VehicleClass
from airside_sim.info import Info
from airside_sim.state_features import StateFeature

POSE_AND_OBJECTS = """
schema_version: 1
name: bare
odometry: {topic: /airside/odometry, required: true}
objects: {topic: /airside/objects, centred: false}
route: {topic: /airside/route}
episode: {topic: /airside/episode}
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory, drive):
    path = tmp_path_factory.mktemp("degraded") / "bag"
    write_bag(path, "mcap", [drive], BagStyle(rates_hz=TICK_RATES_HZ))
    return path


def test_odometry_and_objects_alone_still_give_the_drive(tmp_path, bag, drive):
    (tmp_path / "p.yaml").write_text(POSE_AND_OBJECTS)
    convert_to([bag], tmp_path / "o.h5", map="hub", profile=tmp_path / "p.yaml", max_stop_s=0.0)
    (episode,) = read_episodes(tmp_path / "o.h5")
    found = gather([episode], [drive], [START_NS])
    assert found.iou("aircraft_newest") == found.iou("gse_history") == 1.0
    terms = found.term_errors()
    assert terms["reward/progress"][1] < 1e-6
    assert terms["cost/speed"][1] < 1e-6
    states = np.concatenate(found.state_error)
    assert states[:, StateFeature.STEERING_ANGLE].max() < 0.1  # from the yaw rate
    assert states[100:, StateFeature.TRAILER_1_BODY_ANGLE].max() < 0.02  # dragged along
    flags = {"missing_terms", "no_command", "no_clearance", "no_stands", "no_hazards", "steering_from_yaw_rate"}
    assert flags <= set(episode.meta.quality)


def test_engines_make_hazards_where_no_topic_tells_of_them(tmp_path, bag, drive):
    (tmp_path / "p.yaml").write_text(POSE_AND_OBJECTS)
    convert_to([bag], tmp_path / "o.h5", map="hub", profile=tmp_path / "p.yaml", max_stop_s=0.0)
    (episode,) = read_episodes(tmp_path / "o.h5")
    given = np.unpackbits(episode.bev[:, BevChannel.HAZARD], axis=-1)
    true = np.unpackbits(drive.bev[:, BevChannel.HAZARD], axis=-1)
    assert given.any()
    assert (given & true).sum() > 0.9 * given.sum()  # jet blast and intakes are there; pushes and fuelling are not


def test_a_driven_track_serves_where_no_route_is_recorded(tmp_path, bag, drive):
    (tmp_path / "p.yaml").write_text(POSE_AND_OBJECTS.replace("route: {topic: /airside/route}\n", ""))
    convert_to([bag], tmp_path / "o.h5", map="hub", profile=tmp_path / "p.yaml", max_stop_s=0.0, min_steps=20)
    episodes = read_episodes(tmp_path / "o.h5")
    assert all("route_from_track" in e.meta.quality for e in episodes)
    assert np.abs(np.concatenate([e.state[:, StateFeature.LATERAL_OFFSET] for e in episodes])).max() < 1.0
    assert not any(e.terminated.any() for e in episodes)  # where the track ends is no goal
    driven = sum(float(e.reward_terms[:, e.meta.reward_names.index("progress")].sum()) for e in episodes)
    assert driven == pytest.approx(float(drive.info[:, Info.REWARD_PROGRESS].sum()), rel=0.1)


def test_a_turned_and_shifted_frame_gives_the_same_drive(bag):
    plain = load_profile("simulator")
    turned = plain.model_copy(update={"frame": plain.frame.model_copy(update={"x_m": 10.0, "turn_deg": 90.0})})
    (a,), (b,) = align(read_bag(bag, plain), None), align(read_bag(bag, turned), None)
    np.testing.assert_allclose(b.pose[:, 0], 10.0 - a.pose[:, 1], atol=1e-9)
    np.testing.assert_allclose(b.pose[:, 1], a.pose[:, 0], atol=1e-9)
    np.testing.assert_allclose(np.cos(b.pose[:, 2] - a.pose[:, 2] - math.pi / 2), 1.0)
    one, other = a.objects[50], b.objects[50]
    np.testing.assert_allclose(other.pose[:, 1], one.pose[:, 0], atol=1e-9)
    np.testing.assert_allclose(other.velocity[:, 0], -one.velocity[:, 1], atol=1e-9)
    np.testing.assert_allclose(b.route_xy[:, 1], a.route_xy[:, 0], atol=1e-9)


def test_reversing_and_leaving_the_map_are_cut_out(bag):
    profile, owner = load_profile("simulator"), Rebuilder("hub", bev_size=32)
    (tracks,) = align(read_bag(bag, profile), None)
    tracks.speed_mps[60:70] = -1.0
    tracks.pose[120:130, 0] = 1e6
    drive = owner.label(tracks, profile)
    parts, _ = segment(drive, SegmentRules(max_stop_s=0.0, min_steps=10))
    assert [(p.first, p.last, p.reason) for p in parts] == [(0, 59, "REVERSE"), (70, 119, "MAP_EXIT"),
                                                            (130, 200, "END")]  # fmt: skip


def _tracked(label, x, y, yaw, speed, uuid):
    turn = Of(x=0.0, y=0.0, z=math.sin(yaw / 2), w=math.cos(yaw / 2))
    pose = Of(pose=Of(position=Of(x=x, y=y), orientation=turn))
    twist = Of(twist=Of(linear=Of(x=speed, y=0.0), angular=Of(z=0.1)))
    return Of(
        object_id=Of(uuid=np.full(16, uuid, np.uint8)),
        classification=[Of(label=label, probability=0.8), Of(label=9, probability=0.1)],
        kinematics=Of(pose_with_covariance=pose, twist_with_covariance=twist),
        shape=Of(dimensions=Of(x=5.5, y=2.0)),
    )


def test_tracked_objects_move_along_their_own_heading_and_keep_their_numbers():
    stream = ObjectStream.model_validate({"topic": "/o", "classes": {"1": {"actor": "gse", "shape": "tractor"}}})
    read = ObjectReader(stream)
    message = Of(objects=[_tracked(1, 10.0, 5.0, math.pi / 2, 3.0, 7), _tracked(4, 0.0, 0.0, 0.0, 0.0, 8)])
    frame, again = read(message), read(message)
    assert frame.actor.tolist() == [ActorClass.GSE]  # label 4 is not in the profile
    assert frame.shape.tolist() == [VehicleClass.TRACTOR]
    np.testing.assert_allclose(frame.velocity[0], [0.0, 3.0, 0.1], atol=1e-12)
    # the box's middle lies 1.65 m ahead of the rear axle: (4.4 - 1.1) / 2
    np.testing.assert_allclose(frame.pose[0, :2], [10.0, 3.35], atol=1e-9)
    np.testing.assert_array_equal(frame.track, again.track)
    assert read.unknown == {"4": 2}
