"""The tax and shipping classes that lines of categories name by their handles."""

from collections.abc import Sequence
from typing import Any

from catalog.imports.fields import Unknown
from catalog.imports.records import CategoryRecord
from catalog.imports.work import Line
from catalog.models import ShippingClass, TaxClass

_MODELS: dict[str, Any] = {"tax_class": TaxClass, "shipping_class": ShippingClass}


class Classes:
    """Those that the lines name, read at once."""

    def __init__(self, lines: Sequence[Line[CategoryRecord]]) -> None:
        self._ids: dict[str, dict[str, int]] = {}
        for name, model in _MODELS.items():
            handles = {getattr(line.record, name) for line in lines} - {None, ""}
            found = model.objects.filter(handle__in=handles).values_list("handle", "pk") if handles else []
            self._ids[name] = dict(found)

    def check(self, record: CategoryRecord) -> None:
        """Raises Unknown."""
        for name, ids in self._ids.items():
            handle = getattr(record, name)
            if handle and handle not in ids:
                raise Unknown(f'There is no {name.replace("_", " ")} "{handle}".', name)

    def columns(self, record: CategoryRecord) -> dict[str, int | None]:
        """What the record says; an empty handle takes the class away."""
        said = {name: getattr(record, name) for name in self._ids}
        return {f"{name}_id": self._ids[name].get(handle) for name, handle in said.items() if handle is not None}
