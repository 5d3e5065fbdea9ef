"""Turnarounds: each occupied stand works through a drawn timeline, driven by one event queue per env.

`World.turn[e, i, task]` holds the planned and the actual start and end of slot i's tasks in seconds after on-block.
A slot has one event in the queue, its next start or end by plan. What cannot happen yet (equipment still under way) is
tried again a second later and all that follows waits for it, so actual times keep the order of the plan. The last
tasks, from the beacon on, happen when the apron admits the push (`aircraft_schedule`) and are only written down here.
"""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Episode, Prop, Turn
from airside_sim.constants import DT_S, AircraftPhase
from airside_sim.jit import njit
from airside_sim.kernels.event_queue import pop_event, push_event
from airside_sim.turnaround_times import (
    AFTER,
    ARRIVAL_MIN,
    CALLS,
    DEPARTURE_MIN,
    END_MIN,
    FREES,
    FREES_AFTER,
    LAST_TIMED,
    NEEDS_BACK,
    NEEDS_IN,
    NUM_EQUIPMENT,
    NUM_TASKS,
    SIGMA,
    START_MIN,
    WIDEBODY_STRETCH,
    WITHIN,
    Task,
)

NOT_YET_S = 1e9
RETRY_S = 1.0
CODE_D = 3
LEAST_STRETCH = 0.05
PACE = 0.8  # of the dwell time that gives the wanted movements: the rest is waiting for admission
ENDS_MIN = 10.0  # of a turnaround that do not stretch
LEAST_AGE_S = 75.0  # later than any beacon goes off
EARLY, USUAL, LATE = 0, 1, 2


@njit
def clock_s(w, e):
    """Seconds since the episode began."""
    return w.episode[e, Episode.TICK] * DT_S


@njit
def since_on_block_s(w, e, i):
    return clock_s(w, e) - w.aircraft[e, i, Aircraft.ON_BLOCK]


@njit
def stretch_of(code, dwell_s):
    """How much longer than in the table the middle part takes: wide bodies more, and less where stands must turn fast.

    dwell_s: mean time at the stand that gives the wanted number of movements.
    """
    stretch = WIDEBODY_STRETCH if code >= CODE_D else 1.0
    narrow = (PACE * dwell_s / 60.0 - ENDS_MIN) / (DEPARTURE_MIN - ARRIVAL_MIN)
    return stretch * min(max(narrow, LEAST_STRETCH), 1.0)


@njit
def stretched_s(minutes, stretch):
    inner = min(max(minutes, ARRIVAL_MIN), DEPARTURE_MIN) - ARRIVAL_MIN
    return 60.0 * (minutes + (stretch - 1.0) * inner)


@njit
def _spread(words, e, minutes, sigma):
    """Log-normal about `minutes`."""
    return minutes * math.exp(sigma * rng.normal(words, e))


@njit
def draw_timeline(words, e, turn, stretch):
    """Draw the plan of one turnaround. turn: (NUM_TASKS, Turn); actual times become NOT_YET_S.

    A task starts a log-normal lag after the last of its predecessors (or after the start of the task it lies within)
    and takes a log-normal time, within its bounds; a delayed task so delays those that need it.
    """
    for task in range(NUM_TASKS):
        ready = 0.0
        usual_ready = 0.0
        for k in range(AFTER.shape[1]):
            before = AFTER[task, k]
            if before >= 0:
                ready = max(ready, turn[before, Turn.PLAN_END])
                usual_ready = max(usual_ready, END_MIN[before, USUAL])
        if WITHIN[task] >= 0:
            ready = turn[WITHIN[task], Turn.PLAN_START]
            usual_ready = START_MIN[WITHIN[task], USUAL]
        sigma = SIGMA[task]
        start = ready + _spread(words, e, START_MIN[task, USUAL] - usual_ready, sigma)
        start = max(min(max(start, START_MIN[task, EARLY]), START_MIN[task, LATE]), ready)
        lasts = END_MIN[task, USUAL] - START_MIN[task, USUAL]
        end = start + _spread(words, e, lasts, sigma)
        end = max(min(max(end, END_MIN[task, EARLY]), END_MIN[task, LATE]), start)
        turn[task, Turn.PLAN_START] = start  # minutes until all are drawn
        turn[task, Turn.PLAN_END] = end if lasts > 0.0 else start
    for task in range(NUM_TASKS):
        turn[task, Turn.PLAN_START] = stretched_s(turn[task, Turn.PLAN_START], stretch)
        turn[task, Turn.PLAN_END] = stretched_s(turn[task, Turn.PLAN_END], stretch)
        turn[task, Turn.START] = NOT_YET_S
        turn[task, Turn.END] = NOT_YET_S


@njit
def next_event(turn):
    """Earliest start or end by plan that has not happened. -> (task, is end, s after on-block); task -1 = none left."""
    best = -1
    is_end = False
    due = NOT_YET_S
    for task in range(int(Task.ENGINES_RUN_DOWN), int(LAST_TIMED) + 1):
        ends = turn[task, Turn.START] < NOT_YET_S
        if ends and turn[task, Turn.END] < NOT_YET_S:
            continue
        at = turn[task, Turn.PLAN_END] if ends else turn[task, Turn.PLAN_START]
        if at < due:
            best, is_end, due = task, ends, at
    return best, is_end, due


@njit
def is_doing(turn, task):
    """The task has begun and not ended."""
    return turn[task, Turn.START] < NOT_YET_S and turn[task, Turn.END] >= NOT_YET_S


@njit
def is_done(turn, task):
    return turn[task, Turn.END] < NOT_YET_S


@njit
def equipment_waits(e, w, i, need_in, need_back):
    """Some equipment of slot i among the bits is not yet in service, or not yet back."""
    for k in range(NUM_EQUIPMENT):
        g = i * NUM_EQUIPMENT + k
        if g >= w.prop.shape[1] or w.prop[e, g, Prop.ACTIVE] == 0.0:
            continue
        if (need_in >> k) & 1 and w.prop[e, g, Prop.U] < 1.0:
            return True
        if (need_back >> k) & 1 and w.prop[e, g, Prop.U] > 0.0:
            return True
    return False


@njit
def _happen(row, turn, task, is_end, at_s):
    """The start or end of a task takes effect."""
    serving = int(row[Aircraft.SERVING])
    if is_end:
        turn[task, Turn.END] = at_s
        serving &= ~FREES_AFTER[task]
    else:
        turn[task, Turn.START] = at_s
        serving = (serving | CALLS[task]) & ~FREES[task]
    row[Aircraft.SERVING] = serving
    if is_end and task == Task.ENGINES_RUN_DOWN:
        row[Aircraft.ENGINES] = 0.0
    elif is_end and task == Task.BEACON_OFF:
        row[Aircraft.BEACON] = 0.0
        row[Aircraft.PHASE] = AircraftPhase.PARKED.value
    elif is_end and task == LAST_TIMED:
        row[Aircraft.READY] = 1.0
    row[Aircraft.DIRTY] = 1.0


@njit
def _enqueue(w, e, i):
    """Put slot i's next event into the queue, if it has one."""
    task, _, due_s = next_event(w.turn[e, i])
    if task >= 0:
        at_s = w.aircraft[e, i, Aircraft.ON_BLOCK] + due_s
        w.aircraft[e, i, Aircraft.NEXT_EVENT] = at_s
        push_event(w.event_queue[e], w.queue_count, e, at_s, i)


@njit
def begin_turnaround(w, e, i, stretch):
    """Slot i is on blocks: draw its timeline and wait for the first event."""
    row = w.aircraft[e, i]
    marshalled_s = min(w.turn[e, i, Task.MARSHALLING, Turn.START], clock_s(w, e))
    draw_timeline(w.rng, e, w.turn[e, i], stretch)
    row[Aircraft.ON_BLOCK] = clock_s(w, e)
    row[Aircraft.STRETCH] = stretch
    row[Aircraft.SERVING] = 0.0
    row[Aircraft.READY] = 0.0
    w.turn[e, i, Task.MARSHALLING, Turn.START] = marshalled_s - clock_s(w, e)
    w.turn[e, i, Task.MARSHALLING, Turn.END] = 0.0
    _enqueue(w, e, i)


@njit
def place_turnaround(w, e, i, stretch, low_s, high_s):
    """At reset: slot i has been on blocks for low_s to high_s and its plan has held so far.

    At least LEAST_AGE_S: beacon and engines are off. Its next event enters the queue with `queue_turnarounds`, once
    reset has settled who is where.
    """
    row = w.aircraft[e, i]
    turn = w.turn[e, i]
    age_s = max(rng.uniform_range(w.rng, e, low_s, high_s), LEAST_AGE_S)
    row[Aircraft.ON_BLOCK] = clock_s(w, e) - age_s
    row[Aircraft.STRETCH] = stretch
    row[Aircraft.SERVING] = 0.0
    row[Aircraft.READY] = 0.0
    turn[Task.MARSHALLING, Turn.START] = turn[Task.MARSHALLING, Turn.PLAN_START]
    turn[Task.MARSHALLING, Turn.END] = 0.0
    while True:
        task, is_end, due_s = next_event(turn)
        if task < 0 or due_s > age_s:
            return
        _happen(row, turn, task, is_end, due_s)


@njit
def may_have_clearance(w, e, i):
    """Slot i is ready, and no earlier on blocks than the table lets the beacon go on."""
    row = w.aircraft[e, i]
    earliest_s = stretched_s(START_MIN[int(Task.BEACON_ON), EARLY], row[Aircraft.STRETCH])
    return row[Aircraft.READY] > 0.0 and since_on_block_s(w, e, i) >= earliest_s


@njit
def ready_s(turn):
    """Planned time from on-block until the push could be admitted."""
    return turn[LAST_TIMED, Turn.PLAN_END]


@njit
def complete_turnaround(w, e, i):
    """At reset: slot i, whose timeline is drawn, has just become ready."""
    ready = ready_s(w.turn[e, i])
    place_turnaround(w, e, i, w.aircraft[e, i, Aircraft.STRETCH], ready, ready)


@njit
def queue_turnarounds(w, e):
    """At reset: make the queue from the slots on blocks."""
    w.queue_count[e] = 0
    for i in range(w.aircraft.shape[1]):
        if int(w.aircraft[e, i, Aircraft.PHASE]) == AircraftPhase.PARKED and w.aircraft[e, i, Aircraft.STAND] >= 0.0:
            _enqueue(w, e, i)


@njit
def step_turnarounds(w, e):
    """Let everything happen that is due."""
    now = clock_s(w, e)
    while w.queue_count[e] > 0 and w.event_queue[e, 0, 0] <= now:
        time, i = pop_event(w.event_queue[e], w.queue_count, e)
        row = w.aircraft[e, i]
        phase = int(row[Aircraft.PHASE])
        on_blocks = phase == AircraftPhase.SHUTDOWN or phase == AircraftPhase.PARKED
        if time != row[Aircraft.NEXT_EVENT] or not on_blocks:
            continue  # a movement that reset has put in its place
        task, is_end, _ = next_event(w.turn[e, i])
        if task < 0:
            continue
        if is_end and equipment_waits(e, w, i, NEEDS_IN[task], NEEDS_BACK[task]):
            row[Aircraft.NEXT_EVENT] = now + RETRY_S
            push_event(w.event_queue[e], w.queue_count, e, now + RETRY_S, i)
            continue
        _happen(row, w.turn[e, i], task, is_end, now - row[Aircraft.ON_BLOCK])
        _enqueue(w, e, i)


@njit
def note_start(w, e, i, task):
    """Write down that a task of the departure begins now."""
    w.turn[e, i, task, Turn.START] = since_on_block_s(w, e, i)


@njit
def note_end(w, e, i, task):
    w.turn[e, i, task, Turn.END] = since_on_block_s(w, e, i)


@njit
def lag_s(turn, first, second):
    """Planned time from the start of one task to the start of another."""
    return turn[second, Turn.PLAN_START] - turn[first, Turn.PLAN_START]
