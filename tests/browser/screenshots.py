"""`make screenshots`: every page in every manner and size, into the folder screenshots/ (which git ignores)."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.chromium import CHROMIUM, running_chromium
from tests.browser.pages import MANNERS, PAGES, SIZES, Manner, open_context, sign_in, slug, visit
from tests.house import running_house

FOLDER = Path(__file__).parents[2] / "screenshots"


def main() -> int:
    """Write the pictures and say how many; names of manners as arguments limit them."""
    if CHROMIUM is None:
        print("No Chromium here: apt-get install chromium fontconfig fonts-noto-cjk")
        return 1
    wanted = [m for m in MANNERS if not sys.argv[1:] or m.name in sys.argv[1:]]
    shutil.rmtree(FOLDER, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running_house(Path(home)) as address,
        running_chromium() as browser,
    ):
        for manner in wanted:
            for size in SIZES:
                take(browser, address, manner, size)
    print(f"{len(list(FOLDER.rglob('*.png')))} pictures in {FOLDER}")
    return 0


def take(browser: Browser, address: str, manner: Manner, size: tuple[int, int]) -> None:
    """Take each role's pages in one manner and size."""
    folder = FOLDER / f"{manner.name}-{size[0]}x{size[1]}"
    folder.mkdir(parents=True)
    for role, paths in PAGES.items():
        context = open_context(browser, manner, size)
        page = context.new_page()
        sign_in(page, address, role)
        for path in paths:
            visit(page, address, path)
            page.screenshot(path=folder / f"{role}-{slug(path)}.png", full_page=True)
        context.close()


if __name__ == "__main__":
    sys.exit(main())
