"""What is sealed in a table is marked in every answer, so that whoever reads it is written down."""

from __future__ import annotations

from collections.abc import Iterator

import server.installed  # noqa: F401  # so that every schema and table is known
from server.kit.http import Schema
from server.kit.reads import sensitive_fields
from server.kit.sealed import sealed_columns

# Names of fields that belong to somebody's record wherever they stand, also before a table has them.
ALWAYS = {
    "phone",
    "traits",
    "note",
    "ground",
    "temperature",
    "temperature_c",
    "symptoms",
    "birthday",
    "id_number",
}
# Sealed, but too common a name to be judged by: reviewed by hand.
COMMON = {"name", "why", "answer", "ended_why", "door_code", "tf_totp_secret"}
# Not marked themselves, because …
BECAUSE = {
    "LineOut.text": "stands only in NeedOut.lines, which is marked",
    "ReadRowOut.text": "a row of an official list: about buildings, published to everybody",
    "ReadDoubtOut.words": "words of such a row",
    "NoticeOut.text": "one's own notices; the sentence is made of a code",
    "FundRuleOut.traits": "the committee's rule for everybody; nobody's own traits",
}


def answers(parent: type[Schema] = Schema) -> Iterator[type[Schema]]:
    for schema in parent.__subclasses__():
        if schema.__module__.startswith("server.") and schema.__name__.endswith("Out"):
            yield schema
        yield from answers(schema)


def test_every_sensitive_field_of_an_answer_is_marked() -> None:
    sealed = {column for columns in sealed_columns().values() for column in columns}
    wanted = (sealed | ALWAYS) - COMMON
    unmarked = {
        f"{schema.__name__}.{name}"
        for schema in answers()
        for name in schema.model_fields
        if name in wanted and name not in sensitive_fields(schema)
    }
    assert unmarked - set(BECAUSE) == set()
    assert set(BECAUSE) <= unmarked, "an exception that is none any more"


def test_the_fields_that_are_sealed() -> None:
    """A field that is added is a decision: it moves by a migration that can also go back."""
    assert {f"{table}.{column}" for table, columns in sealed_columns().items() for column in columns} >= {
        "people_person.phone",
        "people_member.traits",
        "needs_need.note",
        "needs_line.text",
        "needs_moment.why",
        "flags_flag.ground",
        "kit_audit.why",
    }
