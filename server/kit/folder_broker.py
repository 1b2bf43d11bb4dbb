"""A folder as message broker, safe between processes.

Kombu's own file system transport lets a reader see a message before it is written: the worker then dies of the empty
file. Here a message appears in the folder whole or not at all, and the table of queues is touched by one at a time.
"""

from __future__ import annotations

import fcntl
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

SCHEME = "filesystem"


class Channel(filesystem.Channel):
    """Messages are files <time>_<id>.<queue>.msg, taken by the one who renames them first."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        folder, name = Path(self.data_folder_out), f"{time.time_ns():020d}_{uuid.uuid4()}"
        unseen = folder / f"{name}.writing"
        unseen.write_text(dumps(payload))
        unseen.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str) -> Any:
        for file in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            mine = file.with_suffix(".taken")
            try:
                file.rename(mine)
            except FileNotFoundError:
                continue  # Another worker took it.
            payload = loads(mine.read_text())
            mine.unlink()
            return payload
        raise Empty

    def get_table(self, exchange: str) -> Any:
        """Return the queues of an exchange."""
        with self._alone():
            return super().get_table(exchange)

    def _queue_bind(self, *binding: Any) -> None:
        with self._alone():
            super()._queue_bind(*binding)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        folder = Path(self.control_folder)
        folder.mkdir(exist_ok=True, parents=True)
        with (folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """The transport behind filesystem:// addresses."""

    Channel = Channel


def use_folder_broker() -> None:
    """Let filesystem:// addresses mean this transport."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
