"""The phone network: texts that the server sent, as the phones get them."""

from __future__ import annotations

import json
import re
from pathlib import Path

CODE = re.compile(r"\d{7}")
# Mobile numbers in China begin with 13–19: none of these can ring.
PHONES_FROM = 12_100_000_000


class PhoneNetwork:
    """Reads the file that stands for the provider: LINLI_HOME/sms.jsonl."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0
        self._codes: dict[str, str] = {}
        self._numbers = 0

    def new_number(self) -> str:
        """Return a number that nobody has."""
        self._numbers += 1
        return f"+86{PHONES_FROM + self._numbers}"

    def code_for(self, phone: str) -> str:
        """Return the newest code sent to a phone. Raises KeyError if none came."""
        with self._file.open(encoding="utf-8") as file:
            file.seek(self._read)
            for line in iter(file.readline, ""):
                if not line.endswith("\n"):
                    break
                self._read = file.tell()
                text = json.loads(line)
                found = CODE.search(text["text"])
                if found:
                    self._codes[text["phone"]] = found.group()
        return self._codes.pop(phone)
