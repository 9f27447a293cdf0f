"""Storefronts written for the Shopify Storefront API run against this schema: it offers all that they use, no narrower.

The exact subset they use lies beside the repository, not in it; without it there is nothing to compare with.
"""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from graphql import build_schema

from schema.root import schema

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CONTRACT = SHARED / "contract" / "storefront.graphql"
CHECK = SHARED / "tools" / "contract_check.py"

pytestmark = pytest.mark.skipif(
    not (CONTRACT.exists() and CHECK.exists()), reason=f"{CONTRACT} or {CHECK} is missing: nothing to compare with"
)


def test_offers_all_that_next_js_commerce_uses() -> None:
    check = _check()
    source = CONTRACT.read_text(encoding="utf-8")
    tiers = check.tiers(source)

    gaps = check.gaps(build_schema(source), build_schema(schema.as_str()))

    assert [f"{owner}.{field}: {what}" for owner, field, what in gaps if "N" in tiers.get((owner, field), "")] == []


def _check() -> ModuleType:
    """The comparison, from the file beside the contract."""
    spec = importlib.util.spec_from_file_location("contract_check", CHECK)
    if spec is None or spec.loader is None:
        raise ImportError(str(CHECK))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
