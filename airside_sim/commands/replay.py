"""`airside replay FILE`: watch, verify, film or publish a recorded episode."""

from pathlib import Path
from typing import Annotated

import tyro

from airside_sim.data.replaying import dataset_address, episode_replay, is_simulated, recorded_views
from airside_sim.envs.referee import in_words
from airside_sim.replay import Playback, Replay, load_replay
from airside_sim.replay import verify as verify_replay


def replay(
    file: Annotated[Path, tyro.conf.Positional],
    verify: bool = False,
    html: Path | None = None,
    video: Path | None = None,
    map: str | None = None,
) -> int:
    """Play a recorded episode again: in a window, or as an HTML page or a video; --verify proves that it is true.

    Args:
        file: a `.replay` file (`airside scenarios run ... --replay DIR`, `airside_sim.RecordReplay`), or an episode of
            a dataset as DATASET.h5#NUMBER.
        verify: only play it again and compare; exit status 1 when it is not what happens.
        html: page to write; opens from disk in a browser.
        video: MP4 to write.
        map: map file, where the recorded path does not exist here.
    """
    address = dataset_address(str(file))
    if address and video and not is_simulated(*address):
        from airside_sim.rendering.video import write_mp4

        print(write_mp4(video, recorded_views(*address)))
        return 0
    recorded = episode_replay(*address) if address else load_replay(file)
    if verify:
        return _verify(file, recorded, map)
    if html:
        _page(recorded, html, map)
    if video:
        _film(recorded, video, map)
    if not (html or video):
        from airside_sim.replay.window import watch

        watch(Playback(recorded, map=map))
    return 0


def _verify(file: Path, recorded: Replay, map: str | None) -> int:
    verdict = verify_replay(recorded, map=map)
    o = verdict.outcome
    print(f"{file}: {'true' if verdict.is_true else 'NOT TRUE: ' + verdict.reason}")
    print(f"{o.termination_reason.lower()} after {o.steps} steps  success {o.is_success}  "
          f"completion {o.route_completion:.2f}  return {o.total_reward:.2f}  cost {o.total_cost:.4f}")  # fmt: skip
    if not verdict.from_seed:
        print("it does not begin with its seed, so nothing proves its traffic was drawn by chance")
    for event in verdict.events:
        print(in_words(event))
    return 0 if verdict.is_true else 1


def _page(recorded: Replay, out: Path, map: str | None) -> None:
    from rich.progress import Progress

    from airside_sim.replay.page import write_page

    with Progress(transient=True) as progress:
        task = progress.add_task("replaying", total=recorded.num_steps)
        written = write_page(recorded, out, map=map, on_tick=lambda tick: progress.update(task, completed=tick))
    print(written)


def _film(recorded: Replay, out: Path, map: str | None) -> None:
    from rich.progress import track

    from airside_sim.rendering.renderer import Renderer
    from airside_sim.rendering.video import write_mp4

    playback = Playback(recorded, map=map)
    renderer = Renderer(playback.simulator)

    def frames():
        for _ in track(range(recorded.num_steps), description="filming", transient=True):
            playback.advance()
            yield renderer.rgb(0)

    print(write_mp4(out, frames()))
