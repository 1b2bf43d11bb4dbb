"""Settings of one installation, read from the environment once, at the start."""

from __future__ import annotations

import os
import secrets
import stat
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from server.kit.clock import Clock, ScaledClock, SystemClock

Mode = Literal["embedded", "production", "simulation", "test"]
MODES: tuple[Mode, ...] = ("embedded", "production", "simulation", "test")


class UnsafeSettings(Exception):
    """The configuration must not be started; the message says what to change."""


@dataclass(frozen=True)
class Settings:
    """All settings. ``mode`` says how strict to be; every path lies under ``home``."""

    home: Path
    mode: Mode = "embedded"
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    field_key: bytes = field(default=b"", repr=False)
    index_key: bytes = field(default=b"", repr=False)
    older_field_keys: tuple[bytes, ...] = field(default=(), repr=False)
    is_demo: bool = False
    broker_url: str = "filesystem://"
    live_queue_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    is_https: bool = False
    is_lan: bool = False
    clock_factor: float = 1.0
    clock_started_wall_s: float = 0.0
    clock_started_at: str = ""
    web_dist: Path = Path("web/dist")
    geocoder: str = "places"
    sms: str = "file"
    threads: int = 64
    web_processes: int = 2
    solve_limit_s: float = 5.0
    # For what would help a wave; 0: nobody looks for it.
    help_limit_s: float = 5.0

    def clock(self) -> Clock:
        """Return the clock these settings ask for."""
        if self.clock_factor == 1.0 and not self.clock_started_at:
            return SystemClock()
        started_at = datetime.fromisoformat(self.clock_started_at or "2026-03-02T08:00:00+00:00").astimezone(
            UTC
        )
        return ScaledClock(self.clock_factor, self.clock_started_wall_s or time.time(), started_at)

    def refuse_if_unsafe(self) -> None:
        """Raise UnsafeSettings if a production installation would start in a way that can do harm."""
        if self.mode != "production":
            return
        reasons = []
        if self.is_demo:
            reasons.append("LINLI_DEMO is on: a demo signs in anyone as anyone; unset it")
        if self.clock_factor != 1.0 or self.clock_started_at:
            reasons.append("the clock is scaled: unset LINLI_CLOCK_FACTOR and LINLI_CLOCK_STARTED_AT")
        if len(self.secret_key) < 32:
            reasons.append("LINLI_SECRET_KEY is missing or short: give it at least 32 random characters")
        if len(self.field_key) != 32:
            reasons.append(
                "LINLI_FIELD_KEY is missing: give 64 hexadecimal characters, kept apart from backups"
            )
        if len(self.index_key) != 32:
            reasons.append(
                "LINLI_INDEX_KEY is missing: give 64 hexadecimal characters, kept apart from backups"
            )
        if self.index_key and self.index_key == self.field_key:
            reasons.append("LINLI_INDEX_KEY is LINLI_FIELD_KEY: give each its own 64 characters")
        if not self.database_url.startswith("postgresql"):
            reasons.append("LINLI_DATABASE_URL must name a PostgreSQL database")
        if self.sms == "file":
            reasons.append("LINLI_SMS is a file: sign-in codes would reach nobody; name a provider")
        if reasons:
            raise UnsafeSettings("Refusing to start in production:\n- " + "\n- ".join(reasons))


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environ`` (default: the process's own).

    An embedded installation makes its own keys under its home, readable by its owner only.
    Raises UnsafeSettings for an unknown mode, an unreadable number or a key file that others can read.
    """
    env = os.environ if environ is None else environ
    mode = env.get("LINLI_MODE", "embedded")
    if mode not in MODES:
        raise UnsafeSettings(f"LINLI_MODE={mode}: use one of {', '.join(MODES)}")
    home = Path(env.get("LINLI_HOME") or default_home()).expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    is_production = mode == "production"
    # `make run LAN=1`: phones on the committee's own network may come in, over HTTPS.
    is_lan = not is_production and env.get("LAN", "0") == "1"
    settings = Settings(
        home=home,
        mode=mode,
        database_url=env.get("LINLI_DATABASE_URL", "" if is_production else f"sqlite:///{home / 'linli.db'}"),
        secret_key=env.get("LINLI_SECRET_KEY") or ("" if is_production else _own_key(home / "secret.key")),
        field_key=_key(env, "LINLI_FIELD_KEY", None if is_production else home / "field.key"),
        index_key=_key(env, "LINLI_INDEX_KEY", None if is_production else home / "index.key"),
        older_field_keys=_older_keys(env, None if is_production else home / "field.key.older"),
        is_demo=env.get("LINLI_DEMO", "0") == "1",
        broker_url=env.get("LINLI_BROKER_URL", "filesystem://"),
        live_queue_url=env.get("LINLI_LIVE_QUEUE_URL") or None,
        host=env.get("LINLI_HOST", "0.0.0.0" if is_lan else "127.0.0.1"),
        port=_whole(env, "PORT", 8000),
        is_https=is_lan or env.get("LINLI_HTTPS", "1" if is_production else "0") == "1",
        is_lan=is_lan,
        clock_factor=float(env.get("LINLI_CLOCK_FACTOR", "1")),
        clock_started_wall_s=float(env.get("LINLI_CLOCK_STARTED_WALL_S", "0")),
        clock_started_at=env.get("LINLI_CLOCK_STARTED_AT", ""),
        web_dist=Path(env.get("LINLI_WEB_DIST", str(Path(__file__).parents[2] / "web" / "dist"))),
        geocoder=env.get("LINLI_GEOCODER", "places"),
        sms=env.get("LINLI_SMS", "file"),
        threads=_whole(env, "LINLI_THREADS", 64),
        web_processes=_whole(env, "LINLI_WEB_PROCESSES", 2),
        solve_limit_s=float(env.get("LINLI_SOLVE_LIMIT_S", "5")),
        help_limit_s=float(env.get("LINLI_HELP_LIMIT_S", "5")),
    )
    settings.refuse_if_unsafe()
    return settings


def renew_field_key(settings: Settings) -> None:
    """Make a new wrapping key; the present one goes on unwrapping until ``forget_older_field_keys``.

    Raises UnsafeSettings in production, or where the environment gives the key: there it is changed by hand.
    """
    path, older = settings.home / "field.key", settings.home / "field.key.older"
    if settings.mode == "production" or os.environ.get("LINLI_FIELD_KEY"):
        raise UnsafeSettings("LINLI_FIELD_KEY is given from outside: change it there; see docs/keys.md")
    # The old key is safe on disk under its second name before the new one takes its place, in one step.
    kept = f"{older.read_text().strip()} " if older.exists() else ""
    _write_key(older, f"{kept}{path.read_text().strip()}")
    _write_key(path, secrets.token_hex(32))


def forget_older_field_keys(settings: Settings) -> None:
    """Delete the installation's own older wrapping keys, once nothing is wrapped by them."""
    (settings.home / "field.key.older").unlink(missing_ok=True)


def default_home() -> Path:
    """Return where an installation keeps its data when LINLI_HOME does not say."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "linli"


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(env.get(name) or default)
    except ValueError:
        raise UnsafeSettings(f"{name}={env[name]} is not a whole number") from None


def _key(env: Mapping[str, str], name: str, path: Path | None) -> bytes:
    """Return a key of 32 bytes from the environment, else the installation's own. Raises UnsafeSettings."""
    return _from_hex(name, env.get(name) or (_own_key(path) if path else ""))


def _older_keys(env: Mapping[str, str], path: Path | None) -> tuple[bytes, ...]:
    written = env.get("LINLI_OLDER_FIELD_KEYS", "")
    if path is not None and path.exists():
        written += f" {_own_key(path)}"
    return tuple(_from_hex("LINLI_OLDER_FIELD_KEYS", key) for key in written.split())


def _from_hex(name: str, written: str) -> bytes:
    try:
        key = bytes.fromhex(written)
    except ValueError:
        key = b"?"
    if len(key) not in (0, 32):
        raise UnsafeSettings(f"{name} must have 64 hexadecimal characters")
    return key


def _write_key(path: Path, text: str) -> None:
    _written_beside(path, text).rename(path)


def _written_beside(path: Path, text: str) -> Path:
    """Write a file of this process's own next to ``path``, down to the disk."""
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _own_key(path: Path) -> str:
    if not path.exists():
        # Of several processes that start together one gives its key the name; nobody ever reads half a key.
        beside = _written_beside(path, secrets.token_hex(32))
        with suppress(FileExistsError):
            path.hardlink_to(beside)
        beside.unlink()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UnsafeSettings(f"{path} can be read by others: run chmod 600 on it")
    return path.read_text().strip()
