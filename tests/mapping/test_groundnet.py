"""FlightGear groundnet: the real Zurich file, a small one worked by hand, and merging pushback lines."""

import math

import pytest

from airside_sim.mapping.importers.groundnet import import_groundnet, merge_groundnet
from airside_sim.mapping.map_checks import find_problem

# A gate facing north at 47 N; the push goes 80 m south (0.0432 minutes of latitude) and then 60 m east.
SMALL = """<?xml version="1.0"?>
<groundnet><version>1</version>
<parkingList>
  <Parking index="0" type="gate" name="A" number="1" lat="N47 0.1000" lon="E08 0.000" heading="0" radius="17"
           pushBackRoute="3" airlineCodes=""/>
  <Parking index="1" type="ga" name="GA" number="" lat="N47 0.2000" lon="E08 0.100" heading="90" radius="8"/>
</parkingList>
<TaxiNodes>
  <node index="2" lat="N47 0.0568" lon="E08 0.000" isOnRunway="0" holdPointType="none"/>
  <node index="3" lat="N47 0.0568" lon="E08 0.0474" isOnRunway="0" holdPointType="PushBack"/>
  <node index="4" lat="N47 0.0568" lon="E08 0.2000" isOnRunway="0" holdPointType="normal"/>
</TaxiNodes>
<TaxiWaySegments>
  <arc begin="0" end="2" isPushBackRoute="1" name=""/>
  <arc begin="2" end="3" isPushBackRoute="1" name=""/>
  <arc begin="3" end="4" isPushBackRoute="0" name="T"/>
  <arc begin="4" end="3" isPushBackRoute="0" name="T"/>
  <arc begin="2" end="4" isPushBackRoute="0" name="one"/>
  <arc begin="2" end="77" isPushBackRoute="0" name="lost"/>
</TaxiWaySegments></groundnet>
"""


def test_small_file(tmp_path):
    path = tmp_path / "XGND.groundnet.xml"
    path.write_text(SMALL, encoding="utf-8")
    airport, warnings = import_groundnet(path)
    gate, private = airport.stands
    assert (airport.name, gate.id, gate.code, gate.remote, private.code, private.remote) == (
        "XGND",
        "A 1",
        "C",
        False,
        "B",
        True,
    )
    assert [(e.start, e.end, e.oneway) for e in airport.taxi_edges] == [("3", "4", False), ("2", "4", True)]
    assert {node.id: node.hold for node in airport.taxi_nodes}["4"] == "runway"
    assert warnings == ["arc 2-77: no node 77; dropped"]
    start, bend, end = gate.pushback
    assert math.dist(start, gate.position) == pytest.approx(15.0, abs=0.05)  # main gear behind the nose wheel
    assert (bend[0] - gate.position[0], bend[1] - gate.position[1]) == pytest.approx((0.0, -80.0), abs=0.5)
    assert (end[0] - bend[0], end[1] - bend[1]) == pytest.approx((60.0, 0.0), abs=0.5)


def test_zurich(map_data_dir):
    airport, _ = import_groundnet(map_data_dir / "flightgear" / "LSZH.groundnet.xml")
    assert airport.name == "LSZH"
    assert len(airport.stands) > 100
    assert sum(bool(stand.pushback) for stand in airport.stands) > 40
    assert any(edge.oneway for edge in airport.taxi_edges)
    assert find_problem(airport) is None
    for stand in airport.stands:
        if stand.pushback:
            angle = math.radians(90.0 - stand.heading_deg)
            (x0, y0), (x1, y1) = stand.position, stand.pushback[1]
            assert (x1 - x0) * math.cos(angle) + (y1 - y0) * math.sin(angle) < -10.0  # pushed back, not forward


def test_merge_gives_pushback_lines_to_matching_stands(tmp_path, map_data_dir):
    path = map_data_dir / "flightgear" / "LSZH.groundnet.xml"
    airport = import_groundnet(path).airport
    bare = airport.model_copy(update={"stands": [s.model_copy(update={"pushback": []}) for s in airport.stands]})
    merged = merge_groundnet(bare, path).airport
    assert sum(bool(s.pushback) for s in merged.stands) == sum(bool(s.pushback) for s in airport.stands)
    shifted = merged.stands[0].pushback[-1], airport.stands[0].pushback[-1]
    assert math.dist(*shifted) < 0.05
    assert "pushback lines" in merged.filled[-1]
