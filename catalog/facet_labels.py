"""What the choices of facets are called in the shopper's language: replaced once they are counted."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog import translated
from catalog.facet_counts import Row
from catalog.translated import CHOICE, NAME, Told


class Labels(NamedTuple):
    """What was translated of categories and attributes, by kind and key, and of product types, by their own name."""

    told: Mapping[tuple[str, int], Told]
    types: Mapping[str, str]

    def of_category(self, category_id: int, own: str) -> str:
        return self._text("category", category_id, "title", own)

    def of_attribute(self, attribute_id: int, own: str) -> str:
        return self._text("attribute", attribute_id, NAME, own)

    def of_choice(self, attribute_id: int, handle: str, own: str) -> str:
        return self._text("attribute", attribute_id, CHOICE + handle, own)

    def of_type(self, own: str) -> str:
        return self.types.get(own, own)

    def _text(self, owner: str, pk: int, key: str, own: str) -> str:
        told = self.told.get((owner, pk))
        return told.texts.get(key, own) if told else own


def of_rows(language: str, rows: Iterable[Row]) -> Labels:
    """The labels of what was counted; in the shop's own language nothing is read, in another up to two statements."""
    if not language:
        return Labels({}, {})
    keys: dict[str, set[str]] = {}
    for row in rows:
        keys.setdefault(row.kind, set()).add(row.label if row.kind == "numbers" else row.key)
    attributes = {json.loads(key)[0] for key in keys.get("attribute", ())} | set(map(int, keys.get("numbers", ())))
    told = translated.of_several(
        language, {"category": set(map(int, keys.get("category", ()))), "attribute": attributes}
    )
    return Labels(told, translated.product_types(language, keys.get("product_type", set())))
