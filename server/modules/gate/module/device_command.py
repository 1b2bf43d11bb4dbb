"""The program `linli gate-device`: a lock without a bolt, as a model for those who build one, and for tests."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import httpx

from server.modules.gate.rules.device import OfflineList, judge, open_list

ANSWER_WITHIN_S = 2.0


@dataclass
class GateDevice:
    """A device at its port. ``kept``: what outlives a restart; ``file``: where."""

    client: httpx.Client
    file: Path | None = None
    kept: dict[str, Any] = field(
        default_factory=lambda: {"list": None, "log": [], "seen": {}, "offset_s": 0.0}
    )

    def open(self) -> None:
        """Take up what was kept, and fetch the list if there is network."""
        if self.file is not None and self.file.exists():
            self.kept |= json.loads(self.file.read_text(encoding="utf-8"))
        self.sync()

    def sync(self) -> bool:
        """Fetch the list and send the log; tell whether that worked."""
        try:
            answer = self.client.get("/list").raise_for_status().json()
            known = self.kept["list"]
            key = json.loads(known["payload"])["key"] if known else None
            if open_list(answer["payload"], answer["signature"], key) is not None:
                self.kept["list"] = {name: answer[name] for name in ("payload", "signature", "gate_id")}
                server = datetime.fromisoformat(answer["now"].replace("Z", "+00:00"))
                self.kept["offset_s"] = (server - datetime.now(UTC)).total_seconds()
            if self.kept["log"]:
                self.client.post("/log", json={"scans": self.kept["log"]}).raise_for_status()
                self.kept["log"] = []
        except httpx.HTTPError:
            return False
        finally:
            self._keep()
        return True

    def show(self, direction: str, text: str) -> dict[str, Any]:
        """Return {opens, reasons, is_offline}: the server's verdict, else the device's own."""
        ref = str(uuid4())
        body = {"ref": ref, "direction": direction, "text": text}
        try:
            answer = self.client.post("/scans", json=body).raise_for_status().json()
        except httpx.TransportError:
            return self._decide(ref, direction, text)
        except httpx.HTTPStatusError as error:
            if error.response.status_code < 500:
                raise
            return self._decide(ref, direction, text)
        if self.kept["log"]:
            self.sync()
        return {"opens": answer["opens"], "reasons": answer["reasons"], "is_offline": False}

    def _decide(self, ref: str, direction: str, text: str) -> dict[str, Any]:
        now = datetime.now(UTC) + timedelta(seconds=self.kept["offset_s"])
        known = self._list()
        seen = {use: datetime.fromisoformat(at) for use, at in self.kept["seen"].items()}
        reasons, use = judge(text, known, seen, gate_id=self._gate(), now=now)
        # Coming home is never refused, with or without network.
        opens = direction == "in" or not reasons
        if opens and use is not None:
            self.kept["seen"][use] = now.isoformat()
        row = {
            "ref": ref,
            "direction": direction,
            "text": text[:300],
            "at": now.isoformat(),
            "has_opened": opens,
            "reasons": reasons,
            "list_issued_at": known.issued_at.isoformat() if known else None,
        }
        self.kept["log"].append(row)
        self._keep()
        return {"opens": opens, "reasons": reasons, "is_offline": True}

    def _list(self) -> OfflineList | None:
        known = self.kept["list"]
        return open_list(known["payload"], known["signature"]) if known else None

    def _gate(self) -> str | None:
        return self.kept["list"]["gate_id"] if self.kept["list"] else None

    def _keep(self) -> None:
        if self.file is not None:
            self.file.write_text(json.dumps(self.kept), encoding="utf-8")


@click.command("gate-device")
@click.option("--port", "address", required=True, help="https://…/api/c/<community>/gate/port")
@click.option("--token", envvar="LINLI_GATE_TOKEN", required=True, help="Or LINLI_GATE_TOKEN.")
@click.option(
    "--state", "file", type=click.Path(path_type=Path), help="Where list and log outlive a restart."
)
@click.option("--direction", type=click.Choice(["out", "in"]), default="out")
def gate_device(address: str, token: str, file: Path | None, direction: str) -> None:
    """Be a device: read codes from standard input, one a line, and print each verdict as JSON.

    A line may begin with "out " or "in ". Without network it goes by its signed list; its log is sent when there is
    network again.
    """
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=headers, timeout=ANSWER_WITHIN_S) as client:
        device = GateDevice(client, file)
        device.open()
        for line in sys.stdin:
            # A code may begin with blanks: only the end of the line goes.
            way, _, rest = line.rstrip("\r\n").partition(" ")
            text = rest if way in ("out", "in") else line.rstrip("\r\n")
            verdict = device.show(way if way in ("out", "in") else direction, text)
            click.echo(json.dumps(verdict))
            sys.stdout.flush()
        device.sync()
