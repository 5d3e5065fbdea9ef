"""Where the shipped data files lie: inside the installed wheel, or beside the package in a checkout."""

from difflib import get_close_matches
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_folder(kind: str) -> Path:
    """Folder of shipped files; `kind` is "maps", "scenarios", "suites", "profiles" or "samples".

    A wheel carries them as `airside_sim/_data/<kind>`; a checkout (and an editable install) has `<repo>/<kind>`.
    """
    installed = _PACKAGE / "_data" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def list_names(kind: str) -> list[str]:
    """Names of the shipped files (stems of the YAML files), sorted."""
    return sorted(path.stem for path in data_folder(kind).glob("*.yaml"))


def find_file(kind: str, name_or_path: str | Path) -> Path:
    """Path of a shipped file by name, or of a user's file by path; FileNotFoundError names the nearest."""
    text = str(name_or_path)
    shipped = data_folder(kind) / f"{text}.yaml"
    if "/" not in text and "\\" not in text and shipped.is_file():
        return shipped
    path = Path(text).expanduser()
    if path.is_file():
        return path
    raise FileNotFoundError(
        f"no {kind[:-1]} '{text}': neither a shipped name nor a file{did_you_mean(text, list_names(kind))}"
    )


def did_you_mean(given: str, allowed: list[str]) -> str:
    """`; did you mean 'x'? (one of: ...)` for an error message."""
    near = get_close_matches(str(given), allowed, n=1, cutoff=0.5)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"{hint} (one of: {', '.join(allowed)})"
