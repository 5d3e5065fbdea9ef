"""One queue of timed events per env: a binary heap of (time, owner) in a fixed array, so that waiting costs nothing.

`queue` (Q, 2) f64 is one env's heap, ordered by time and then owner; its length lies in `count[e]`.
"""

from airside_sim.jit import njit

TIME, OWNER = 0, 1


@njit
def _goes_first(queue, a, b):
    if queue[a, TIME] != queue[b, TIME]:
        return queue[a, TIME] < queue[b, TIME]
    return queue[a, OWNER] < queue[b, OWNER]


@njit
def _swap(queue, a, b):
    time, owner = queue[a, TIME], queue[a, OWNER]
    queue[a, TIME] = queue[b, TIME]
    queue[a, OWNER] = queue[b, OWNER]
    queue[b, TIME] = time
    queue[b, OWNER] = owner


@njit
def push_event(queue, count, e, time_s, owner):
    """Add an event. The queue has room for two events of every owner: one that holds and one out of date."""
    k = count[e]
    if k >= queue.shape[0]:
        return
    count[e] = k + 1
    queue[k, TIME] = time_s
    queue[k, OWNER] = owner
    while k > 0:
        parent = (k - 1) // 2
        if not _goes_first(queue, k, parent):
            return
        _swap(queue, k, parent)
        k = parent


@njit
def pop_event(queue, count, e):
    """Take the earliest event out. -> (time, owner); the queue is not empty."""
    time, owner = queue[0, TIME], queue[0, OWNER]
    last = count[e] - 1
    count[e] = last
    queue[0, TIME] = queue[last, TIME]
    queue[0, OWNER] = queue[last, OWNER]
    k = 0
    while True:
        child = 2 * k + 1
        if child >= last:
            return time, int(owner)
        if child + 1 < last and _goes_first(queue, child + 1, child):
            child += 1
        if not _goes_first(queue, child, k):
            return time, int(owner)
        _swap(queue, k, child)
        k = child
