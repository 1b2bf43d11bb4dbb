"""What is in the repository: no catch-all files, no hosts of package registries, no paths of one machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
CATCH_ALL = {"utils.py", "helpers.py", "manager.py", "common.py", "misc.py"}
HOSTS = ("python" + "hosted.org", "pypi" + ".org", "npm" + "js.org", "npm" + "js.com")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_is_a_catch_all() -> None:
    assert not [path for path in tracked() if path.name in CATCH_ALL]


def test_no_file_names_a_package_host() -> None:
    for path in tracked():
        if path.suffix in {".py", ".txt", ".toml", ".json", ".md", ".ts", ".svelte", ""}:
            text = path.read_text(errors="ignore")
            assert not [host for host in HOSTS if host in text], path
