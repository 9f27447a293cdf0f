"""For whom the catalog is read."""

from dataclasses import dataclass

from accounts.actors import GUEST, SYSTEM, Actor
from accounts.staff import Permission
from catalog.models.price import Tariff, base_of


@dataclass(frozen=True, slots=True)
class Shopper:
    """For whom the catalog is read: what they may see, the list they see its prices by, and the language.

    The list is the one with the key `price_list_id`, whose currency is `currency`, or without one the currency's base
    list. The language is "" where it is the shop's own, in which nothing has to be translated.
    """

    actor: Actor
    currency: str
    price_list_id: int | None = None
    language: str = ""

    @property
    def tariff(self) -> Tariff:
        if self.price_list_id is None:
            return Tariff(base_of(self.currency))
        return Tariff(self.price_list_id, has_base=True)

    @property
    def keeps_catalog(self) -> bool:
        return self.actor.may(Permission.MANAGE_CATALOG)


def anybody(keeps_catalog: bool) -> Actor:
    """Somebody who sees what all such shoppers see."""
    return SYSTEM if keeps_catalog else GUEST
