"""Brands: who makes a product. A name is written once, however many spell it with other capitals."""

from catalog import handles
from catalog.models import Brand


def named(name: str) -> Brand | None:
    """The brand of this name, made where there is none; None for no name. Call inside a transaction."""
    if not name:
        return None
    found = known(name)
    if found is None:
        # This waits for whoever makes a brand of the same name, so look again before making another.
        handle = handles.made_from(name, otherwise="brand", among=Brand.objects.all())
        found = known(name) or Brand.objects.create(name=name, handle=handle)
    return found


def known(name: str) -> Brand | None:
    """The brand of this name, in whatever capitals."""
    return Brand.objects.filter(name__iexact=name).order_by("pk").first()
