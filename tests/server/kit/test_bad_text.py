"""Text that a database cannot keep is refused at the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "company", "note": "a\x00b"},
        {"kind": "groceries", "lines": [{"text": "大米\x00", "quantity": 1}]},
    ],
    ids=["in a field", "in a line"],
)
def test_a_nul_character_is_refused_and_the_field_is_named(
    body: dict[str, Any], sign_in: Callable[..., Any]
) -> None:
    answer = sign_in("resident").post("/api/c/wutong/needs", body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "http.invalid")
    assert "NUL" in str(answer.get_json()["facts"]["fields"])
