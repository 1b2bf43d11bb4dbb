"""What a production installation refuses to start with; each says what to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.kit.settings import UnsafeSettings, load_settings

SAFE = {
    "LINLI_MODE": "production",
    "LINLI_SECRET_KEY": "s" * 40,
    "LINLI_FIELD_KEY": "0f" * 32,
    "LINLI_INDEX_KEY": "1e" * 32,
    "LINLI_DATABASE_URL": "postgresql+psycopg://linli@db/linli",
    "LINLI_SMS": "https://sms.example",
}


def test_a_whole_production_configuration_is_taken(tmp_path: Path) -> None:
    settings = load_settings({**SAFE, "LINLI_HOME": str(tmp_path)})
    assert (settings.is_https, settings.is_lan) == (True, False)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"LINLI_DEMO": "1"}, "LINLI_DEMO"),
        ({"LINLI_SMS": "file"}, "LINLI_SMS"),
        ({"LINLI_CLOCK_FACTOR": "60"}, "clock"),
        ({"LINLI_SECRET_KEY": "short"}, "LINLI_SECRET_KEY"),
        ({"LINLI_FIELD_KEY": ""}, "LINLI_FIELD_KEY"),
        ({"LINLI_INDEX_KEY": ""}, "LINLI_INDEX_KEY"),
        ({"LINLI_INDEX_KEY": "0f" * 32}, "each its own"),
        ({"LINLI_DATABASE_URL": "sqlite:///linli.db"}, "PostgreSQL"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_production_refuses(wrong: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match=said):
        load_settings({**SAFE, **wrong, "LINLI_HOME": str(tmp_path)})


def test_without_lan_only_this_machine_can_reach_the_pages(tmp_path: Path) -> None:
    alone = load_settings({"LINLI_HOME": str(tmp_path)})
    on_lan = load_settings({"LINLI_HOME": str(tmp_path), "LAN": "1"})
    assert (alone.host, alone.is_https) == ("127.0.0.1", False)
    assert (on_lan.host, on_lan.is_https) == ("0.0.0.0", True)
