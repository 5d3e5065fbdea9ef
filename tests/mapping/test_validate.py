"""The validator finds what is wrong with small maps made wrong on purpose, and nothing grave on the shipped ones."""

import pytest

from airside_sim.mapping.compile import compile_map
from airside_sim.mapping.schema import AirportMap
from airside_sim.mapping.validate import validate
from airside_sim.mapping.yaml_io import load_map

BEV_PX_M = 0.78125


def ring_road(**changes) -> AirportMap:
    """A one-way ring round two code C stands that face north, a taxilane south of it, depots on the north side."""
    corners = {"a": (-100, 20), "b": (200, 20), "c": (200, 140), "d": (-100, 140)}
    fields = {
        "schema_version": 1,
        "name": "ring",
        "source": "a test",
        "licence": "MIT",
        "origin": {"lat": 50.0, "lon": 8.0},
        "surfaces": [{"id": "apron", "kind": "apron", "polygon": [(-160, -80), (260, -80), (260, 200), (-160, 200)]}],
        "taxi_nodes": [{"id": "t0", "position": (-150, -40)}, {"id": "t1", "position": (250, -40)}],
        "taxi_edges": [{"start": "t0", "end": "t1", "kind": "taxilane", "code": "C"}],
        "stands": [
            {"id": "S1", "position": (20, 90), "heading_deg": 0, "code": "C"},
            {"id": "S2", "position": (80, 90), "heading_deg": 0, "code": "C"},
        ],
        "road_nodes": [{"id": key, "position": xy} for key, xy in corners.items()],
        "road_edges": [
            {"id": f"{p}{q}", "start": p, "end": q, "oneway": True, "width_m": 4.0} for p, q in ("ab", "bc", "cd", "da")
        ],
        "pois": [
            {"id": "fuel", "kind": "fuel_depot", "position": (150, 145)},
            {"id": "bags", "kind": "baggage_hall", "position": (0, 145)},
        ],
    }
    return AirportMap.model_validate(fields | changes)


def findings(airport: AirportMap, severity: str) -> list[str]:
    return [str(finding) for finding in validate(compile_map(airport, BEV_PX_M)) if finding.severity == severity]


def test_a_sound_map_has_no_errors_and_no_warnings():
    assert findings(ring_road(), "error") == []
    assert findings(ring_road(), "warning") == []


def test_lane_through_a_building_is_located():
    building = {"id": "hut", "polygon": [(40, 130), (60, 130), (60, 150), (40, 150)]}
    errors = findings(ring_road(buildings=[building]), "error")
    assert any("through a building" in error and "building hut" in error for error in errors)


def test_lane_too_near_to_and_under_parked_aircraft():
    near = [{"id": "S1", "position": (20, 128), "heading_deg": 0, "code": "C"}]  # nose tip 6.9 m from the road's centre
    warnings = findings(ring_road(stands=near), "warning")
    assert any("lane edge 4.9 m from the largest parked outline" in warning for warning in warnings)
    under = [{"id": "S1", "position": (20, 150), "heading_deg": 0, "code": "C"}]
    assert any("under the parked aircraft" in error for error in findings(ring_road(stands=under), "error"))


def test_no_depot_is_an_error():
    assert any("no depot" in error for error in findings(ring_road(pois=[]), "error"))


def test_far_stand_is_reported_not_fatal():
    stands = [*ring_road().model_dump()["stands"], {"id": "far", "position": (900, 900), "heading_deg": 0}]
    airport = ring_road(stands=stands)
    assert any("stand far" in warning and "no service road" in warning for warning in findings(airport, "warning"))
    assert any("stand far" in info and "no aircraft path" in info for info in findings(airport, "info"))


def test_holding_point_too_near_the_taxiway():
    nodes = [{"id": "t0", "position": (50, -70)}, {"id": "t1", "position": (50, 190)}]
    edges = [{"start": "t0", "end": "t1", "kind": "taxilane", "code": "C"}]
    crossings = [{"road": "cd", "at": (50, 140), "hold_m": 8.0}]
    airport = ring_road(taxi_nodes=nodes, taxi_edges=edges, crossings=crossings, stands=[])
    assert any("hold 8.0 m" in warning and "needs 22.5" in warning for warning in findings(airport, "warning"))


def test_walkway_beside_a_lane():
    walkway = {"id": "path", "line": [(-80, 145), (-20, 145)], "width_m": 2.0}  # 5 - 1 - 2 = 2 m from the lane's edge
    warnings = findings(ring_road(walkways=[walkway]), "warning")
    assert any("walkway 2.0 m from a lane's edge" in warning for warning in warnings)


def test_lane_in_a_runway_strip():
    runway = {"id": "09/27", "ends": ((-500, 215), (500, 215))}  # the road at y = 140 lies 75 m from the centreline
    warnings = findings(ring_road(runways=[runway]), "warning")
    assert any("inside the runway strip" in warning and "09/27" in warning for warning in warnings)


@pytest.mark.parametrize("name", ["training_apron", "hub"])
def test_shipped_maps_have_no_errors(name):
    assert findings(load_map(name), "error") == []
