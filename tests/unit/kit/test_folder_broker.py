"""The folder as broker: each message comes whole, and once."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import Connection

from server.kit.folder_broker import use_folder_broker

MESSAGES = 300


def connection(folder: Path) -> Any:
    use_folder_broker()
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "c"),
    }
    return Connection("filesystem://", transport_options=options)


def test_every_message_comes_whole_and_once_whoever_takes_it(tmp_path: Path) -> None:
    taken: list[int] = []
    troubles: list[BaseException] = []
    is_written = threading.Event()

    def take() -> None:
        channel = connection(tmp_path).default_channel
        while True:
            was_written = is_written.is_set()
            try:
                taken.append(channel._get("small")["number"])
            except Empty:
                if was_written:
                    return
            except Exception as error:
                troubles.append(error)
                return

    takers = [threading.Thread(target=take) for _ in range(2)]
    for taker in takers:
        taker.start()
    channel = connection(tmp_path).default_channel
    for number in range(MESSAGES):
        channel._put("small", {"number": number, "text": "邻里" * 500})
    is_written.set()
    for taker in takers:
        taker.join(20)
    assert troubles == []
    assert sorted(taken) == list(range(MESSAGES))


def test_queues_do_not_see_each_others_messages(tmp_path: Path) -> None:
    channel = connection(tmp_path).default_channel
    channel._put("solver", {"number": 1})
    assert channel._size("small") == 0
    assert channel._get("solver") == {"number": 1}
    assert channel._size("solver") == 0


def test_who_binds_a_queue_finds_it_in_the_table(tmp_path: Path) -> None:
    channel = connection(tmp_path).default_channel
    channel._queue_bind("small", "small", "", "small")
    channel._queue_bind("small", "other", "", "other")
    assert {row.queue for row in channel.get_table("small")} == {"small", "other"}
