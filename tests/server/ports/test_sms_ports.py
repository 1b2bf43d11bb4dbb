"""One contract for all adapters of the SMS port, and what the provider adapter promises its gateway."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from server.kit.errors import OutsideFailed
from server.kit.ports.sms import FileSms, HttpSms, RecordingSms, Sms, make_sms
from server.kit.settings import Settings, UnsafeSettings

SECRET = "a shared secret of some length"
PHONE, TEXT = "+8612000000001", "【邻里】验证码 1234567"


class Gateway:
    """A provider on loopback that answers as told and keeps what came."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[dict[str, Any], str, bytes]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.received.append((json.loads(body), self.headers["X-Signature"], body))
                self.send_response(gateway.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.server.shutdown()
    made.server.server_close()


def _file(gateway: Gateway, folder: Path) -> tuple[Sms, Callable[[], list[tuple[str, str]]]]:
    path = folder / "sms.jsonl"

    def sent() -> list[tuple[str, str]]:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [(row["phone"], row["text"]) for row in map(json.loads, lines)]

    return FileSms(path), sent


def _http(gateway: Gateway, folder: Path) -> tuple[Sms, Callable[[], list[tuple[str, str]]]]:
    return HttpSms(gateway.url, SECRET), lambda: [(b["phone"], b["text"]) for b, _, _ in gateway.received]


def _recording(gateway: Gateway, folder: Path) -> tuple[Sms, Callable[[], list[tuple[str, str]]]]:
    recording = RecordingSms()
    return recording, lambda: recording.sent


@pytest.mark.parametrize("make", [_file, _http, _recording])
def test_every_adapter_delivers_each_text_once_unchanged_and_in_order(
    make: Callable[[Gateway, Path], tuple[Sms, Callable[[], list[tuple[str, str]]]]],
    gateway: Gateway,
    tmp_path: Path,
) -> None:
    sms, sent = make(gateway, tmp_path)
    sms.send(PHONE, TEXT)
    sms.send(PHONE, 'second "line"\nwith a break')
    assert sent() == [(PHONE, TEXT), (PHONE, 'second "line"\nwith a break')]


def test_the_gateway_can_tell_that_a_message_is_ours(gateway: Gateway) -> None:
    HttpSms(gateway.url, SECRET).send(PHONE, TEXT)
    _, signature, body = gateway.received[0]
    assert signature == hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_message_that_the_gateway_did_not_take_is_reported(gateway: Gateway, status: int) -> None:
    gateway.status = status
    with pytest.raises(OutsideFailed, match=str(status)):
        HttpSms(gateway.url, SECRET).send(PHONE, TEXT)


def test_a_gateway_that_is_gone_is_reported_without_phone_or_text(gateway: Gateway) -> None:
    url = gateway.url
    gateway.server.server_close()
    with pytest.raises(OutsideFailed) as failed:
        HttpSms(url.replace(str(gateway.server.server_port), "1"), SECRET).send(PHONE, TEXT)
    assert PHONE not in str(failed.value)
    assert "1234567" not in str(failed.value)


def test_the_settings_name_the_adapter_and_a_gateway_needs_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settings(sms: str) -> Settings:
        return Settings(
            home=tmp_path,
            mode="test",
            database_url="sqlite://",
            secret_key="x" * 32,
            field_key=bytes(32),
            index_key=bytes(32),
            sms=sms,
        )

    assert isinstance(make_sms(settings("file")), FileSms)
    monkeypatch.setenv("LINLI_SMS_SECRET", SECRET)
    assert isinstance(make_sms(settings("https://sms.example")), HttpSms)
    assert SECRET not in repr(make_sms(settings("https://sms.example")))
    monkeypatch.delenv("LINLI_SMS_SECRET")
    for wrong in ("https://sms.example", "http://sms.example", "pigeon"):
        with pytest.raises(UnsafeSettings):
            make_sms(settings(wrong))
