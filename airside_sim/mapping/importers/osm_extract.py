"""An OpenStreetMap extract in local metres: its shapes, and what is built, taxied and driven on airside."""

import shapely

from airside_sim.mapping.importers.geodesy import TangentPlane
from airside_sim.mapping.importers.osm_reader import OsmFeature
from airside_sim.mapping.importers.osm_tags import is_building

XY = tuple[float, float]
_ROAD_NEAR_APRON_M = 30.0
_LANDSIDE_SERVICES = ("driveway", "parking_aisle", "drive-through", "emergency_access")


class Extract:
    """Features with their shapes (`shapes[feature.id]`) in the map frame."""

    def __init__(self, features: list[OsmFeature], plane: TangentPlane, aerodrome: OsmFeature | None) -> None:
        self.features = features
        self.shapes = {f.id: shapely.transform(f.geometry, lambda c: _project(plane, c)) for f in features}
        self.area = self.shapes[aerodrome.id] if aerodrome and aerodrome.geometry.geom_type == "Polygon" else None
        self.taxi_lines = [self.shapes[f.id] for f in self.of("taxiway", "taxilane") if is_line(f)]
        self.built = [self.shapes[f.id] for f in features if is_building(f) and not is_line(f)]
        self.all_built = shapely.union_all(self.built)
        self.all_taxi = shapely.union_all(self.taxi_lines)

    def of(self, *aeroways: str) -> list[OsmFeature]:
        """Features of these kinds."""
        return [f for f in self.features if f.aeroway in aeroways]

    def aprons(self) -> list[shapely.Geometry]:
        """Polygons of aprons."""
        return [shapely.make_valid(self.shapes[f.id]) for f in self.of("apron") if f.geometry.geom_type == "Polygon"]

    def airside_ways(self) -> list[OsmFeature]:
        """Service roads within the aerodrome or near an apron."""
        aprons = shapely.union_all(self.aprons()) if self.aprons() else None
        ways = [f for f in self.features if f.tags.get("highway") == "service" and is_line(f)]
        return [f for f in ways if self._is_airside(f, aprons)]

    def _is_airside(self, feature: OsmFeature, aprons: shapely.Geometry | None) -> bool:
        middle = self.shapes[feature.id].interpolate(0.5, normalized=True)
        near_apron = aprons is not None and aprons.distance(middle) < _ROAD_NEAR_APRON_M
        if feature.tags.get("service") in _LANDSIDE_SERVICES and not near_apron:
            return False
        if near_apron:
            return True
        is_private = feature.tags.get("access", "private") in ("private", "no")
        return self.area is not None and is_private and bool(self.area.contains(middle))


def is_line(feature: OsmFeature) -> bool:
    """Drawn as an open line."""
    return feature.geometry.geom_type == "LineString"


def points_of(shape: shapely.Geometry) -> list[XY]:
    """Vertices, to the centimetre."""
    return [(round(x, 2), round(y, 2)) for x, y in shape.coords]


def _project(plane: TangentPlane, lonlat):
    return [plane.to_xy(lat, lon) for lon, lat in lonlat]
