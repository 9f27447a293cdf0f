"""Importing a catalog from a file: the command, and a real catalog."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog import facts, imports
from catalog.models import (
    Category,
)
from catalog.models.price import base_of
from tests.domain.import_lines import Reports, a_category_line, counts, differences, everything

pytestmark = pytest.mark.django_db

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "catalog-small.jsonl"


def test_the_command_reports_bad_lines_and_sums_up(tmp_path: Path) -> None:
    path = tmp_path / "catalog.jsonl"
    path.write_text(json.dumps(a_category_line()) + "\n{\n", encoding="utf-8")
    out, err = StringIO(), StringIO()

    call_command("import_catalog", str(path), stdout=out, stderr=err)

    assert err.getvalue() == (
        "Line 2: This is not JSON: Expecting property name enclosed in double quotes at character 2.\n"
    )
    rows = [line.split() for line in out.getvalue().replace("│", " ").splitlines()]
    assert ["category", "1", "0", "0", "0"] in rows
    assert ["line", "0", "0", "0", "1"] in rows


def test_the_command_reads_gzip(tmp_path: Path) -> None:
    path = tmp_path / "catalog.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(a_category_line()).encode()))

    call_command("import_catalog", str(path), stdout=StringIO())

    assert Category.objects.get().external_id == "c1"


def test_the_strict_command_fails(tmp_path: Path) -> None:
    path = tmp_path / "catalog.jsonl"
    path.write_text(json.dumps(a_category_line()) + "\n[]\n", encoding="utf-8")

    with pytest.raises(CommandError) as failed:
        call_command("import_catalog", str(path), "--strict", stderr=StringIO())

    assert str(failed.value) == "Nothing was imported. Line 2: A line must be a JSON object."
    assert failed.value.returncode == 1
    assert not Category.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.jsonl", None, "There is no file {path}."),
        ("plain.jsonl.gz", b"{}", "{path} is not a sound gzip file: Not a gzipped file (b'{{}}')."),
        (
            "cut.jsonl.gz",
            gzip.compress(b"{}" * 9999, mtime=0)[:-9],
            "{path} is a gzip file that was cut off before its end.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CommandError) as failed:
        call_command("import_catalog", str(path))

    assert (str(failed.value), failed.value.returncode) == (sentence.format(path=path), 1)


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/catalog-small.jsonl, a real catalog, is not here")
def test_facts_of_a_real_catalog_equal_a_naive_recount() -> None:
    with REAL.open(encoding="utf-8") as lines:
        summary = imports.run(lines, strict=True, report=Reports())
    keys = dict(Category.objects.values_list("external_id", "pk"))

    found = facts.subtrees(list(keys.values()), base_of("USD"), "USD")

    with REAL.open(encoding="utf-8") as lines:
        expected = dict(naive_facts(map(json.loads, lines)))
    assert summary.count(imports.Outcome.CREATED) == 107 + 446
    assert {
        external_id: (
            found[key].product_count,
            found[key].in_stock_count,
            found[key].on_sale_count,
            found[key].price_sum,
            found[key].price_min,
            found[key].price_max,
        )
        for external_id, key in keys.items()
    } == expected
    assert differences() == []


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/catalog-small.jsonl, a real catalog, is not here")
def test_a_second_run_of_a_real_catalog_changes_nothing() -> None:
    with REAL.open(encoding="utf-8") as lines:
        imports.run(lines, strict=False, report=Reports())
    before = everything()

    with REAL.open(encoding="utf-8") as lines:
        summary = imports.run(lines, strict=False, report=Reports())

    assert counts(summary) == {"category": {"unchanged": 107}, "product": {"unchanged": 446}}
    assert everything() == before


def naive_facts(records: Iterable[dict[str, Any]]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Of each category: products at or below it, in stock, on sale, and the sum and range of their cheapest prices."""
    parents: dict[str, str | None] = {}
    below: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        if record["kind"] == "category":
            parents[record["id"]] = record["parent"]
            continue
        above: str | None = record["categories"][0]
        while above is not None:
            below[above].append(record)
            above = parents[above]
    for category in parents:
        goods = [product["variants"] for product in below[category]]
        cheapest = [min(Decimal(variant["price"]) for variant in variants) for variants in goods]
        yield (
            category,
            (
                len(goods),
                sum(any(variant["stock"] for variant in variants) for variants in goods),
                sum(any(on_sale(variant) for variant in variants) for variants in goods),
                sum(cheapest, Decimal(0)),
                min(cheapest, default=None),
                max(cheapest, default=None),
            ),
        )


def on_sale(variant: dict[str, Any]) -> bool:
    return variant["compare_at_price"] is not None and Decimal(variant["compare_at_price"]) > Decimal(variant["price"])
