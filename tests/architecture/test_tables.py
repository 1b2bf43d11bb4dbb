"""What import contracts cannot see: how tables refer to each other."""

from __future__ import annotations

from server.installed import INSTALLED
from server.kit.db import Base
from server.kit.registry import Registry

OWNER = {table.__tablename__: module for module in INSTALLED for table in module.models}


def test_every_table_belongs_to_a_manifest_and_bears_its_name() -> None:
    for table in Base.metadata.tables:
        assert table in OWNER, f"{table} is in no manifest"
        assert table.startswith(f"{OWNER[table].name}_")


def test_core_tables_never_refer_to_a_modules_tables() -> None:
    for name, table in Base.metadata.tables.items():
        if OWNER[name].is_core:
            for key in table.foreign_keys:
                assert OWNER[key.column.table.name].is_core, f"{name} refers to {key.column.table.name}"


def test_the_manifests_fit_together() -> None:
    assert [module.name for module in Registry(INSTALLED).modules]


def test_every_problem_text_is_there_in_both_languages() -> None:
    for module in INSTALLED:
        for code, (chinese, english) in module.texts.items():
            assert chinese.strip(), code
            assert english.strip(), code
