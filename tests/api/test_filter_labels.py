"""Filters in the language of the context: what they are called changes, what is sent back for them does not."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Attribute, AttributeKind, Category
from tests import builders
from tests.api.test_filters import FILTERS, Shelf
from tests.conftest import Execute

LIST = f"""%s {{ category(handle: "home") {{ products {{ filters {FILTERS} }} }} }}"""
SEARCH = f"""%s {{ search(query: "oak") {{ productFilters {FILTERS} }} }}"""


@pytest.fixture(autouse=True)
def _speaks(settings: Settings) -> None:
    settings.SHOP_LANGUAGES = ["EN", "FR", "DE", "IT"]


@pytest.fixture
def shelf(db: None) -> Shelf:
    shelf = Shelf()
    builders.a_translation(Category.objects.get(title="Kitchen"), title="Cuisine")
    material = Attribute.objects.get(name="Material")
    builders.a_translation(material, **{"name": "Matière", "choice.oak": "Chêne"})
    builders.a_translation(Attribute.objects.get(name="Boxed"), name="Emballé")
    pots = [product for product in shelf.products if product.product_type == "Pot"]
    for product, said in zip(pots, ["Marmite", "Casserole", "Casserole"], strict=False):
        builders.a_translation(product, product_type=said)
    return shelf


def told(execute: Execute, language: str, document: str = LIST) -> list[dict[str, Any]]:
    asked = execute(document % (f"query @inContext(language: {language})" if language else "query"))
    found = asked.get("category") or asked
    filters: list[dict[str, Any]] = (found.get("products") or found["search"]).popitem()[1]
    return filters


def labels(filters: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {one["label"]: [value["label"] for value in one["values"]] for one in filters}


def stable(filters: list[dict[str, Any]]) -> list[Any]:
    """All but the labels."""
    return [{**one, "label": "", "values": [{**value, "label": ""} for value in one["values"]]} for one in filters]


def test_are_called_so_in_french(execute: Execute, shelf: Shelf) -> None:
    french = labels(told(execute, "FR"))

    prices, power = french.pop("Prix"), french.pop("Power")
    assert french == {
        "Catégorie": ["Cuisine", "Garden"],
        "Marque": ["Birch & Sons", "Ash", "Cedar"],
        "Type de produit": ["Casserole", "Pan"],
        "Étiquette": ["new", "gift", "sale"],
        "Disponibilité": ["En stock", "En rupture de stock"],
        "En promotion": ["En promotion"],
        "Note": ["4 étoiles et plus", "3 étoiles et plus", "2 étoiles et plus", "1 étoile et plus"],
        "Matière": ["Chêne", "Steel"],
        "Emballé": ["Oui", "Non"],
    }
    assert prices[0].startswith("Jusqu\u2019à ")
    assert prices[0].endswith(",99 USD")
    assert prices[-1].endswith(" USD et plus")
    assert power[0] == "-20,00 à -10,01 W"
    assert labels(told(execute, "FR", SEARCH))["Matière"] == ["Chêne", "Steel"]


def test_what_is_sent_back_is_the_same_in_every_language(execute: Execute, shelf: Shelf) -> None:
    own = told(execute, "")

    assert stable(told(execute, "FR")) == stable(told(execute, "DE")) == stable(own)
    assert labels(told(execute, "DE"))["Bewertung"][-2:] == ["ab 2 Sternen", "ab 1 Stern"]


def test_a_language_without_words_of_ours_takes_those_of_the_shop(
    execute: Execute, shelf: Shelf, settings: Settings
) -> None:
    assert labels(told(execute, "IT")) == labels(told(execute, ""))

    settings.SHOP_LANGUAGES = ["DE", "IT"]
    german, italian = labels(told(execute, "")), labels(told(execute, "IT"))

    assert german == italian
    assert german["Verfügbarkeit"] == ["Auf Lager", "Nicht auf Lager"]
    assert german["Kategorie"] == ["Kitchen", "Garden"]


def test_amounts_are_written_as_the_language_does(execute: Execute, settings: Settings, db: None) -> None:
    place = builders.a_category("Home")
    for price in ("10.00", "2500.00", "2600.00", "90000.00"):
        builders.a_product(category=place, price=price)
    size = builders.an_attribute("Size", AttributeKind.NUMBER, on=place)
    builders.described(builders.a_product(category=place, price="10.00"), size, "1200.5")

    english, german = labels(told(execute, "")), labels(told(execute, "DE"))

    assert english["Price"][-1] == "3,000.00 USD and more"
    assert german["Preis"][-1] == "3.000,00 USD und mehr"
    assert (english["Size"], german["Size"]) == (["1200.5"], ["1200,5"])


@pytest.mark.parametrize(("language", "statements"), [("", 1), ("EN", 1), ("FR", 3)])
def test_the_language_of_the_shop_costs_nothing(execute: Execute, shelf: Shelf, language: str, statements: int) -> None:
    told(execute, language)

    with CaptureQueriesContext(connection) as without:
        execute(LIST.replace(f"filters {FILTERS}", "totalCount") % f"query @inContext(language: {language or 'EN'})")
    with CaptureQueriesContext(connection) as beside:
        told(execute, language)

    # In both one statement counts; in French another reads what things are called, and one more the types of products.
    assert len(beside) - len(without) + 1 == statements
