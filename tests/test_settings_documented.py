"""Every variable the shop reads is described, and nothing is described that it does not read."""

import ast
import re

import pytest
from django.conf import settings

NAME = "[A-Z][A-Z0-9_]*"


@pytest.fixture(scope="module")
def read() -> list[str]:
    """The names in `env.int("NAME", …)` and its like, anywhere in the settings."""
    tree = ast.parse((settings.BASE_DIR / "shop" / "settings.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    names = [ast.literal_eval(call.args[0]) for call in calls if _is_env(call.func)]
    assert {"DEBUG", "PORT", "EMAIL_URL", "LOG_LEVEL"} <= set(names)
    return names


def test_no_variable_is_read_twice(read):
    assert sorted(read) == sorted(set(read))


def test_the_page_describes_exactly_what_is_read(read):
    page = (settings.BASE_DIR / "docs" / "settings.md").read_text(encoding="utf-8")

    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `")]

    assert sorted(row[0].strip(" `") for row in rows) == sorted(read)
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)


def test_the_readme_lists_exactly_what_is_read(read):
    readme = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")

    assert sorted(re.findall(rf"^\| `({NAME})` \|", readme, re.MULTILINE)) == sorted(read)


def test_the_example_file_lists_exactly_what_is_read(read):
    example = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")

    assert sorted(re.findall(rf"^#?({NAME})=", example, re.MULTILINE)) == sorted(read)


def _is_env(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "env"
