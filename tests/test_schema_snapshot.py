"""schema/schema.graphql is what code generators read: it says what the server does."""

from pathlib import Path

import pytest
from django.core.management import call_command
from graphql import build_schema

from schema.management.commands import export_schema

OUTDATED = "schema/schema.graphql is out of date: run `python manage.py export_schema` and commit the file."


def test_the_exported_schema_is_current() -> None:
    exported = export_schema.DESTINATION.read_text(encoding="utf-8")

    assert exported == export_schema.text(), OUTDATED


def test_exports_a_schema_that_tools_can_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "schema.graphql"

    call_command("export_schema", str(file))

    schema = build_schema(file.read_text(encoding="utf-8"))
    assert schema.query_type
    assert schema.query_type.description == "Everything that can be read."
    assert schema.get_directive("inContext")
    assert capsys.readouterr().out == f"The schema is in {file}.\n"
