"""The `airside` command: one table of subcommands, each a plain function whose signature is its command line."""

import sys
from collections.abc import Callable

import tyro

from airside_sim.commands import bag, data, general, maps, record, replay, scenarios, turnaround
from airside_sim.resources import did_you_mean

COMMANDS: dict[str, Callable | dict[str, Callable]] = {
    "demo": general.demo,
    "play": general.play,
    "replay": replay.replay,
    "record": record.record,
    "data": {
        "info": data.info,
        "validate": data.validate,
        "split": data.split,
        "label": data.label,
        "filter": data.filter_,
        "convert": data.convert,
        "merge": data.merge,
        "repair": data.repair,
        "to-flat": data.to_flat,
        "to-minari": data.to_minari,
        "from-minari": data.from_minari,
        "to-bag": bag.to_bag,
    },
    "doctor": general.doctor,
    "bag": {
        "info": bag.info,
        "convert": bag.convert,
        "synth": bag.synth,
        "schema": bag.schema,
    },
    "maps": {
        "list": maps.list_maps,
        "validate": maps.validate,
        "preview": maps.preview,
        "import": maps.import_map,
        "fetch": maps.fetch,
        "generate": maps.generate,
        "schema": maps.schema,
    },
    "scenarios": {
        "list": scenarios.list_scenarios,
        "validate": scenarios.validate,
        "preview": scenarios.preview,
        "run": scenarios.run,
        "schema": scenarios.schema,
    },
    "turnaround": turnaround.turnaround,
}


def _usage() -> str:
    lines = ["usage: airside COMMAND ... (airside COMMAND --help tells more)", ""]
    for name, entry in COMMANDS.items():
        if callable(entry):
            lines.append(f"  {name:<12}{(entry.__doc__ or '').splitlines()[0]}")
        else:
            lines.append(f"  {name:<12}{' | '.join(entry)}")
    return "\n".join(lines)


def _pick(table: dict, words: list[str], prefix: str) -> tuple[Callable, list[str], str]:
    """Walk the command table along the words; exits with the nearest name for a word that is not there."""
    if not words or words[0] in ("-h", "--help"):
        print(_usage())
        raise SystemExit(0 if words else 2)
    name, rest = words[0], words[1:]
    if name not in table:
        print(f"{prefix}: unknown command '{name}'{did_you_mean(name, list(table))}", file=sys.stderr)
        raise SystemExit(2)
    entry = table[name]
    if callable(entry):
        return entry, rest, f"{prefix} {name}"
    if not rest or rest[0] in ("-h", "--help"):
        for sub, function in entry.items():
            print(f"  {prefix} {name} {sub:<10}{(function.__doc__ or '').splitlines()[0]}")
        raise SystemExit(0 if rest else 2)
    return _pick(entry, rest, f"{prefix} {name}")


def main(argv: list[str] | None = None) -> int:
    """Entry point of the console script; returns the exit status. A user's mistake prints one line, no traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words == ["--version"]:
        from airside_sim import __version__

        print(__version__)
        return 0
    function, rest, prog = _pick(COMMANDS, words, "airside")
    try:
        return int(tyro.cli(function, args=rest, prog=prog) or 0)
    except (ValueError, OSError, ImportError) as error:
        print(f"{prog}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
