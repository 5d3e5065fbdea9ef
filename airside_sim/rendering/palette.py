"""Colours of the apron as painted (Vancouver directives, ACI handbook, Annex 14 chapter 5). RGB 0-255."""

from airside_sim.constants import BevChannel

GRASS = (75, 107, 58)
ASPHALT = (70, 73, 78)
ROAD_ASPHALT = (60, 63, 67)
RUNWAY_ASPHALT = (52, 54, 58)
CONCRETE = (150, 150, 144)
SLAB_JOINT = (132, 132, 127)
GRAVEL = (128, 118, 98)
WATER = (62, 98, 128)
YELLOW = (245, 196, 0)
WHITE = (242, 242, 242)
RED = (208, 32, 32)
BLACK = (18, 18, 18)
BUILDING = (118, 124, 134)
TERMINAL = (139, 146, 158)
HANGAR = (122, 118, 110)
ROOF_EDGE = (84, 88, 96)
JET_BRIDGE = (166, 170, 178)
SHADOW = (0, 0, 0, 70)
WALKWAY = (225, 225, 225)
RESTRICTED = (208, 60, 40)

FUSELAGE = (238, 240, 243)
WING = (203, 208, 214)
NACELLE = (172, 178, 186)
COCKPIT = (40, 48, 60)
LIVERIES = ((24, 72, 150), (190, 30, 45), (20, 120, 90), (235, 140, 20), (90, 60, 140), (0, 130, 170))
BEACON_ON = (255, 40, 30)

VEHICLE_COLOURS = {
    "TRACTOR": (238, 190, 40),
    "BUS": (60, 110, 180),
    "BOWSER": (215, 80, 50),
    "FOLLOW_ME": (250, 215, 0),
    "DOLLY": (120, 128, 138),
    "BELT_LOADER": (235, 235, 235),
    "HYDRANT_DISPENSER": (205, 95, 60),
    "CATERING_TRUCK": (245, 245, 240),
    "TOWBAR_TUG": (240, 165, 30),
    "GPU": (200, 205, 60),
    "LAVATORY_TRUCK": (120, 170, 200),
    "PASSENGER_STAIRS": (210, 214, 220),
    "CONTAINER_LOADER": (225, 205, 120),
    "FIRE_ENGINE": (208, 28, 28),
    "ULD": (196, 202, 208),
}
EGO = (40, 205, 120)
EGO_TRAILER = (44, 150, 100)
LUGGAGE = ((150, 90, 50), (60, 60, 90), (110, 40, 40), (50, 90, 70))
VEST = (235, 255, 60)
ROUTE = (64, 200, 255)
GRANTED = (60, 220, 110)
DENIED = (240, 70, 60)
HAZARD = (255, 140, 0)
HUD_BACKGROUND = (14, 18, 24, 205)
HUD_TEXT = (236, 240, 244)
HUD_DIM = (150, 160, 172)

# one colour a channel for the BEV inspector's composite
BEV_COLOURS = {
    BevChannel.SERVICE_ROAD: (78, 82, 90),
    BevChannel.TAXIWAY: (112, 104, 70),
    BevChannel.STAND_AREA: (96, 84, 96),
    BevChannel.LANE_MARKING: (210, 210, 205),
    BevChannel.STOP_LINE: (255, 255, 255),
    BevChannel.BUILDING: (140, 110, 100),
    BevChannel.RESTRICTED: (150, 50, 60),
    BevChannel.SLOW_ZONE: (90, 100, 130),
    BevChannel.ROUTE: (40, 150, 210),
    BevChannel.NEXT_WAYPOINT: (120, 230, 255),
    BevChannel.CLEARANCE_DENIED: (240, 70, 60),
    BevChannel.CLEARANCE_GRANTED: (60, 220, 110),
    BevChannel.HAZARD: (255, 140, 0),
    BevChannel.EGO: (40, 220, 120),
}
BEV_CLASS_COLOURS = ((235, 238, 242), (250, 190, 40), (160, 170, 180), (230, 90, 60), (235, 255, 60))
