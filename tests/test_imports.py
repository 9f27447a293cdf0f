"""Imports go downward only, as the contracts in `pyproject.toml` say; and those contracts can be broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

PACKAGES = ("accounts", "catalog", "checkout", "schema", "shop")


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture
def toy_shop(tmp_path: Path) -> Path:
    """Our packages, empty but for the modules the contracts name, under our contracts."""
    shutil.copy(settings.BASE_DIR / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "shop" / "wsgi.py").touch()
    for roof in ("asgi", "urls"):
        (tmp_path / "shop" / f"{roof}.py").write_text("import schema\n")
    return tmp_path


def test_every_contract_is_kept():
    finished = lint(settings.BASE_DIR)

    assert finished.returncode == 0, finished.stdout


def test_imports_downward_are_allowed(toy_shop):
    (toy_shop / "schema" / "carts.py").write_text("import strawberry\nimport checkout\n")
    (toy_shop / "checkout" / "carts.py").write_text("import catalog\nimport shop\n")

    finished = lint(toy_shop)

    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize(
    ("module", "wrong", "contract"),
    [
        ("catalog/stock.py", "import checkout", "Imports go downward only"),
        ("checkout/carts.py", "import schema", "Imports go downward only"),
        ("checkout/orders.py", "import strawberry", "The domain does not know GraphQL"),
        ("shop/money.py", "import catalog", "The floor knows nobody who stands on it"),
    ],
)
def test_an_import_upward_breaks_its_contract(toy_shop, module, wrong, contract):
    (toy_shop / module).write_text(f"{wrong}\n")

    finished = lint(toy_shop)

    assert finished.returncode == 1
    assert f"{contract} BROKEN" in finished.stdout
    assert finished.stdout.count("BROKEN") == 1
