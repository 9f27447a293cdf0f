"""The migrations in the repository make the tables the models describe."""

from io import StringIO

from django.core.management import call_command


def test_none_is_missing(db):
    missing = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=missing)
    except SystemExit:
        raise AssertionError(missing.getvalue()) from None
