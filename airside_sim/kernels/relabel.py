"""One tick of a drive that has already happened: recorded poses in, the step's own measures, rewards and costs out.

The stages after the motion of `kernels.step.step_env`, in its order and by its functions, so that recordings and
simulated episodes are labelled by one code. What a recording gives (bodies, hazards, clearances, stands) is written
into the world before.
"""

from airside_sim.columns import Ego, Episode
from airside_sim.jit import njit
from airside_sim.kernels.clearance import update_clearance
from airside_sim.kernels.collision import measure
from airside_sim.kernels.events import score
from airside_sim.kernels.route_progress import update_progress
from airside_sim.kernels.rules import update_rules
from airside_sim.kernels.sensing import sense_actors
from airside_sim.kernels.train import update_train, write_ego_bodies


@njit
def _move_ego(e, w, vt, pose, distance_m, is_train_given):
    """Put the ego at pose (x, y, heading); its dollies lie as `World.trailer` says, or are dragged along."""
    if is_train_given:
        vehicle = int(w.ego[e, Ego.VEHICLE])
        trailers = int(w.ego[e, Ego.TRAILERS])
        speed = distance_m * 10.0
        write_ego_bodies(w.ego_body[e], w.trailer[e], vt, vehicle, trailers, pose[0], pose[1], pose[2], speed)
    else:
        bend = 0.0
        if distance_m > 0.0:
            turn = pose[2] - w.ego[e, Ego.HEADING]
            bend = (turn - 6.283185307179586 * round(turn / 6.283185307179586)) / distance_m
        update_train(e, w, vt, pose[0], pose[1], pose[2], distance_m, bend)
    w.ego[e, Ego.X] = pose[0]
    w.ego[e, Ego.Y] = pose[1]
    w.ego[e, Ego.HEADING] = pose[2]
    w.ego[e, Ego.ODOMETER] += distance_m


@njit
def relabel_env(e, w, b, vt, at, p, held, q, pose, distance_m, is_train_given, is_first, fresh):
    """Bring env e to the next recorded tick.

    pose (3,) f64 and distance_m: of the ego since the last tick. held: `p` with a controller that grants and withdraws
    nothing on its own, since the clearance states are given. fresh (N,) u8: bodies that were observed on this tick;
    the others are remembered from earlier ones. The first tick of a drive is only looked at, as after a reset.
    """
    _move_ego(e, w, vt, pose, distance_m, is_train_given)
    if not is_first:
        w.episode[e, Episode.TICK] += 1.0
    update_progress(e, w, vt, p)
    sense_actors(e, w, b, at, q)
    head = w.history_head[e]
    for n in range(fresh.shape[0]):
        w.seen[e, head, n] &= fresh[n]
    measure(e, w, b, vt, at, p)
    if not is_first:
        update_clearance(e, w, b, vt, held)
        update_rules(e, w, b, at, p, q)
        score(e, w, b, vt, p)
