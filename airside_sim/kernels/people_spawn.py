"""Where people come from: walkways, parked aircraft and lanes near stands, round the ego or out of its view.

Mode 0 walks a walkway (S, DIRECTION; SCRATCH0 = lateral offset). Mode 1 works with a ROLE at the aircraft of slot
WALKWAY from a place beside the nose (home: SCRATCH0, SCRATCH1). Mode 2 crosses a lane between TARGET and (SCRATCH0,
SCRATCH1).
"""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Body, Episode, Person
from airside_sim.constants import ActorClass, AircraftPhase, LaneKind, Role
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit
from airside_sim.kernels.egos import nearest_ego
from airside_sim.kernels.lane_rail import lane_point
from airside_sim.kernels.people_look import (
    SPOT_BITS,
    line_is_clear,
    meets_aircraft,
    meets_ego,
    meets_people,
    meets_planes,
    meets_vehicles,
)
from airside_sim.kernels.people_roles import free_role, from_stand, line_is_walkable, post_of, role_side
from airside_sim.kernels.prop_places import stand_limits, walk_line_m
from airside_sim.kernels.props import raster_bits

WALKER = 0.0
WORKER = 1.0
CROSSER = 2.0
WALK_OFFSET_M = 0.6  # to his own right, so that people who meet pass
PLACE_TRIES = 10
WALK_SPACE_M = 5.0
DRAWS = 40  # of walkways and stands of the whole map, few of which are near


@njit
def walk_point(b, walkway, s, offset_m, direction):
    """-> x, y, heading of a walker at arc length s, offset_m to the right of a person walking `direction`."""
    pt0 = b.walk_pt0[walkway]
    n = b.walk_pt0[walkway + 1] - pt0
    u = s / b.walk_ds[walkway]
    i = int(min(max(u, 0.0), float(n - 2)))
    f = u - i
    k = pt0 + i
    x = b.walk_x[k] + f * (b.walk_x[k + 1] - b.walk_x[k])
    y = b.walk_y[k] + f * (b.walk_y[k + 1] - b.walk_y[k])
    h = math.atan2(b.walk_y[k + 1] - b.walk_y[k], b.walk_x[k + 1] - b.walk_x[k])
    return x + offset_m * math.sin(h), y - offset_m * math.cos(h), h if direction > 0.0 else h + math.pi


@njit
def write_person(row, body, radius_m):
    """Write a person's disc. body: (N, Body)."""
    out = body[int(row[Person.BODY])]
    if row[Person.ACTIVE] == 0.0:
        out[Body.CLASS] = -1.0
        return
    out[Body.X] = row[Person.X]
    out[Body.Y] = row[Person.Y]
    out[Body.COS] = math.cos(row[Person.HEADING])
    out[Body.SIN] = math.sin(row[Person.HEADING])
    out[Body.FRONT] = radius_m
    out[Body.REAR] = radius_m
    out[Body.HALF_WIDTH] = radius_m
    out[Body.RADIUS] = radius_m
    out[Body.VX] = row[Person.SPEED] * out[Body.COS]
    out[Body.VY] = row[Person.SPEED] * out[Body.SIN]
    out[Body.CLASS] = ActorClass.PERSONNEL.value
    out[Body.SHAPE] = -1.0
    out[Body.BEACON] = 0.0
    out[Body.OWNER] = row[Person.BODY]


@njit
def _in_ring(e, w, x, y, low_m, high_m):
    ego_x, ego_y = nearest_ego(e, w, x, y)
    far2 = (x - ego_x) ** 2 + (y - ego_y) ** 2
    return low_m * low_m <= far2 <= high_m * high_m


@njit
def _is_free(e, w, p, x, y):
    if meets_ego(w.ego_body[e], x, y, 2.5) or meets_vehicles(w.vehicle[e], w.body[e], x, y, 2.0):
        return False
    w.person[e, p, Person.X] = 1e7  # nowhere: any neighbour counts
    return not meets_people(w.person[e], p, x, y)


@njit
def _place_walker(e, w, b, at, row, p, low_m, high_m):
    m = int(w.episode[e, Episode.MAP])
    first = b.map_walk0[m]
    count = b.map_walk0[m + 1] - first
    for _ in range(DRAWS):
        if count == 0:
            return False
        walkway = first + rng.randint(w.rng, e, count)
        s = rng.uniform(w.rng, e) * b.walk_len[walkway]
        direction = 1.0 if rng.uniform(w.rng, e) < 0.5 else -1.0
        offset = direction * WALK_OFFSET_M
        x, y, h = walk_point(b, walkway, s, offset, direction)
        if not _in_ring(e, w, x, y, low_m, high_m) or not _off_crossing(b, walkway, s):
            continue
        if _is_crowded(w.person[e], walkway, b.walk_len[walkway]):
            continue
        if not _is_free(e, w, p, x, y) or meets_planes(at, w.body[e], w.aircraft.shape[1], x, y, 1.0):
            continue
        row[Person.X] = x
        row[Person.Y] = y
        row[Person.HEADING] = h
        row[Person.WALKWAY] = walkway
        row[Person.S] = s
        row[Person.DIRECTION] = direction
        row[Person.SCRATCH0] = offset
        row[Person.MODE] = WALKER
        return True
    return False


@njit
def _is_crowded(person, walkway, length_m):
    """One more walker on it would leave less than WALK_SPACE_M for each: those who turn round would block the rest."""
    num = 1
    for k in range(person.shape[0]):
        num += (
            person[k, Person.ACTIVE] == 1.0
            and person[k, Person.MODE] == WALKER
            and int(person[k, Person.WALKWAY]) == walkway
        )
    return num * WALK_SPACE_M > length_m


@njit
def _off_crossing(b, walkway, s):
    for c in range(b.walk_cross0[walkway], b.walk_cross0[walkway + 1]):
        if b.wc_s_in[c] - 1.5 < s < b.wc_s_out[c] + 1.5:
            return False
    return True


@njit
def _home_of(e, w, b, at, slot, p, side):
    """A free place beside the nose of a slot's stand that no aircraft of the stand sweeps. -> (found, x, y)."""
    m = int(w.episode[e, Episode.MAP])
    stand = int(w.aircraft[e, slot, Aircraft.STAND])
    c = math.cos(b.stand_h[stand])
    s = math.sin(b.stand_h[stand])
    for _ in range(PLACE_TRIES):
        u = rng.uniform_range(w.rng, e, 4.7, 9.0)  # clear of the ground power unit
        v = rng.uniform_range(w.rng, e, 5.0, 13.0)
        v *= side
        x = b.stand_x[stand] + c * u - s * v
        y = b.stand_y[stand] + s * u + c * v
        if raster_bits(b, m, x, y) & SPOT_BITS:
            continue
        if line_is_clear(e, w, b, at, slot, x, y, x, y) and _is_free(e, w, p, x, y):
            return True, x, y
    return False, 0.0, 0.0


@njit
def draw_work(e, w, b, at, row):
    """New target round the aircraft, straight to reach from here and with a straight way home. -> found."""
    slot = int(row[Person.WALKWAY])
    stand = int(w.aircraft[e, slot, Aircraft.STAND])
    kind = int(w.aircraft[e, slot, Aircraft.TYPE])
    c = math.cos(b.stand_h[stand])
    s = math.sin(b.stand_h[stand])
    for _ in range(6):
        u = rng.uniform_range(w.rng, e, -0.35 * at.length_m[kind], 9.0)
        v = rng.uniform_range(w.rng, e, -14.0, 14.0)
        x = b.stand_x[stand] + c * u - s * v
        y = b.stand_y[stand] + s * u + c * v
        if meets_aircraft(at, w.body[e], slot, x, y, 0.9):
            continue
        if not line_is_clear(e, w, b, at, slot, row[Person.X], row[Person.Y], x, y):
            continue
        if line_is_clear(e, w, b, at, slot, x, y, row[Person.SCRATCH0], row[Person.SCRATCH1]):
            row[Person.TARGET_X] = x
            row[Person.TARGET_Y] = y
            return True
    return False


@njit
def _start_at_post(e, w, b, m, at, row, p, slot, low_m):
    """Who is needed somewhere is found there, not at home."""
    needed, u, v = post_of(e, w, b, m, at, slot, int(row[Person.ROLE]))
    if not needed or row[Person.LINE] == 0.0:
        return
    x, y = from_stand(b, int(row[Person.STAND]), u, v)
    if _is_free(e, w, p, x, y) and _in_ring(e, w, x, y, low_m, 1e6):
        row[Person.TARGET_X] = x
        row[Person.TARGET_Y] = y
    row[Person.X] = row[Person.TARGET_X]
    row[Person.Y] = row[Person.TARGET_Y]


@njit
def _place_worker(e, w, b, at, row, p, low_m, high_m):
    """Near the goal's or start's stand first, else at any stand within range with an aircraft on blocks."""
    goal = w.episode[e, Episode.GOAL_STAND]
    for k in range(DRAWS):
        slot = rng.randint(w.rng, e, w.aircraft.shape[1])
        if k < 4 and w.episode[e, Episode.GOAL_AT_STAND] == 1.0:
            for i in range(w.aircraft.shape[1]):
                if w.aircraft[e, i, Aircraft.STAND] == goal:
                    slot = i
        stand = int(w.aircraft[e, slot, Aircraft.STAND])
        kind = int(w.aircraft[e, slot, Aircraft.TYPE])
        if stand < 0 or w.aircraft[e, slot, Aircraft.PHASE] != AircraftPhase.PARKED:
            continue
        if not _in_ring(e, w, b.stand_x[stand], b.stand_y[stand], low_m, high_m):
            continue
        role = free_role(w.person[e], slot)
        if role == Role.NONE and k < DRAWS - 5:
            continue  # its crew is complete
        side = role_side(role)
        found, x, y = _home_of(e, w, b, at, slot, p, side)
        if not found or not _in_ring(e, w, x, y, low_m, high_m):
            continue
        row[Person.X] = x
        row[Person.Y] = y
        row[Person.SCRATCH0] = x
        row[Person.SCRATCH1] = y
        row[Person.TARGET_X] = x
        row[Person.TARGET_Y] = y
        row[Person.WALKWAY] = slot
        row[Person.STAND] = stand
        row[Person.MODE] = WORKER
        row[Person.ROLE] = role
        row[Person.HEADING] = b.stand_h[stand] + math.pi
        m = int(w.episode[e, Episode.MAP])
        half, _, tip = stand_limits(at, b.stand_code[stand])
        line = walk_line_m(half, tip)
        row[Person.LINE] = line if line_is_walkable(b, m, stand, line, side, -0.7 * at.length_m[kind]) else 0.0
        _start_at_post(e, w, b, m, at, row, p, slot, low_m)
        return True
    return False


@njit
def kerb_m(b, m, x, y, nx, ny):
    """Distance from a lane point along (nx, ny) to 1.2 m off the road; -1 when there is none within 9 m."""
    d = 0.5
    while d < 9.0:
        if raster_bits(b, m, x + nx * d, y + ny * d) & SPOT_BITS == 0:
            end = d + 1.2
            if raster_bits(b, m, x + nx * end, y + ny * end) & SPOT_BITS == 0:
                return end
            return -1.0
        d += 0.5
    return -1.0


@njit
def _lane_is_plain(b, lane, s):
    """An ordinary road point: no zone, junction or crossing within 8 m, so a person there stops nobody in one."""
    if b.lane_kind[lane] == LaneKind.CONNECTOR or b.lane_junction[lane] >= 0:
        return False
    if s < 6.0 or s > b.lane_len[lane] - 25.0:
        return False
    for f in range(b.feat0[lane], b.feat0[lane + 1]):
        if b.feat_s_in[f] - 8.0 < s < b.feat_s_out[f] + 25.0:
            return False
    return True


@njit
def _place_crosser(e, w, b, at, row, p, low_m, high_m):
    m = int(w.episode[e, Episode.MAP])
    lanes = b.map_lane0[m + 1] - b.map_lane0[m]
    for _ in range(DRAWS):
        lane = b.map_lane0[m] + rng.randint(w.rng, e, lanes)
        s = rng.uniform(w.rng, e) * b.lane_len[lane]
        if not _lane_is_plain(b, lane, s):
            continue
        x, y = lane_point(b, lane, s)
        if not _in_ring(e, w, x, y, low_m + 10.0, high_m):
            continue
        h = b.pt_h[b.lane_pt0[lane] + int(s / b.lane_ds[lane])]
        left = kerb_m(b, m, x, y, -math.sin(h), math.cos(h))
        right = kerb_m(b, m, x, y, math.sin(h), -math.cos(h))
        if left < 0.0 or right < 0.0 or left + right > 13.0:
            continue
        x0 = x - math.sin(h) * left
        y0 = y + math.cos(h) * left
        if not _is_free(e, w, p, x0, y0):
            continue
        row[Person.X] = x0
        row[Person.Y] = y0
        row[Person.SCRATCH0] = x0
        row[Person.SCRATCH1] = y0
        row[Person.TARGET_X] = x + math.sin(h) * right
        row[Person.TARGET_Y] = y - math.cos(h) * right
        row[Person.HEADING] = h - 0.5 * math.pi
        row[Person.MODE] = CROSSER
        row[Person.DIRECTION] = 0.0
        return True
    return False


@njit
def _few_cross(e, w, q):
    """Crossers are below twice their share: where there are no walkways they would soon be all the people there are."""
    num = 0
    for p in range(w.person.shape[1]):
        num += w.person[e, p, Person.ACTIVE] == 1.0 and w.person[e, p, Person.MODE] == CROSSER
    wanted = q.peak_people * w.episode[e, Episode.DENSITY] * w.setup[e, Setup.PEOPLE]
    return num < 2.0 * q.crosser_share * wanted


@njit
def try_place_person(e, w, b, at, p, low_m, high_m, q):
    """Give person p a mode and a place between low_m and high_m from the ego. -> True when he got one."""
    row = w.person[e, p]
    u = rng.uniform(w.rng, e)
    row[Person.ACTIVE] = 0.0
    row[Person.SPEED] = 0.0
    row[Person.CROSSING] = -1.0
    row[Person.STOP_TIME] = 0.0
    row[Person.STAND] = -1.0
    row[Person.WAIT] = rng.uniform_range(w.rng, e, 0.0, 8.0)
    hurry = rng.uniform(w.rng, e) < 0.15
    row[Person.PREFERRED] = q.hurry_mps if hurry else rng.uniform_range(w.rng, e, q.walk_min_mps, q.walk_max_mps)
    done = False
    if u < q.worker_share:
        done = _place_worker(e, w, b, at, row, p, low_m, high_m)
    elif u < q.worker_share + q.crosser_share and _few_cross(e, w, q):
        done = _place_crosser(e, w, b, at, row, p, low_m, high_m)
    if not done:
        done = _place_walker(e, w, b, at, row, p, low_m, high_m)
    if done:
        row[Person.ACTIVE] = 1.0
    write_person(row, w.body[e], q.person_radius_m)
    return done
