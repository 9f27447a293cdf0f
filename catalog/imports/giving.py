"""Giving attributes to the categories of a batch: the lists of the lines take the place of those the shop has."""

from collections import defaultdict
from collections.abc import Sequence

from catalog import applying
from catalog.imports.fields import Unknown
from catalog.imports.records import CategoryRecord
from catalog.imports.work import Line
from catalog.models import Attribute, Category, CategoryAttribute


class Given:
    """The attributes that the lines name, and those the shop's categories have. The tree is locked."""

    def __init__(self, lines: Sequence[Line[CategoryRecord]]) -> None:
        handles = {handle for line in lines for handle, _ in line.record.attributes or ()}
        is_told = any(line.record.attributes is not None for line in lines)
        self._keys = dict(Attribute.objects.filter(handle__in=handles).values_list("handle", "pk")) if handles else {}
        self._stored: defaultdict[int, list[tuple[str, bool]]] = defaultdict(list)
        self._differing: list[tuple[Category, CategoryRecord]] = []
        places = CategoryAttribute.objects.order_by("position", "pk") if is_told else CategoryAttribute.objects.none()
        for category_id, handle, is_required in places.values_list("category_id", "attribute__handle", "is_required"):
            self._stored[category_id].append((handle, is_required))

    def check(self, record: CategoryRecord) -> None:
        """Refuse attributes that are not there. Raises Unknown."""
        for place, (handle, _) in enumerate(record.attributes or ()):
            if handle not in self._keys:
                reason = f'There is no attribute "{handle}"; attributes come before the categories that have them.'
                raise Unknown(reason, f"attributes[{place}].slug")

    def differs(self, row: Category, record: CategoryRecord) -> bool:
        """Whether the record gives the category other attributes than it has; `write` then makes it so."""
        if record.attributes is None or list(record.attributes) == self._stored.get(row.pk, []):
            return False
        self._differing.append((row, record))
        return True

    def write(self) -> None:
        """Give the attributes, once the categories are stored."""
        if not self._differing:
            return
        CategoryAttribute.objects.filter(category__in=[row for row, _ in self._differing]).delete()
        CategoryAttribute.objects.bulk_create(
            CategoryAttribute(category=row, attribute_id=self._keys[handle], is_required=is_required, position=position)
            for row, record in self._differing
            for position, (handle, is_required) in enumerate(record.attributes or ())
        )
        applying.refresh_branch("")
