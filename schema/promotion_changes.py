"""Changing promotions and their codes: inputs, payloads and mutations, for staff who keep promotions."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from checkout import promotion_changes, promotion_codes
from checkout.promotion_changes import NewPromotion, PromotionFields
from schema import codes, errors, nodes
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.inputs import given
from schema.nodes import gid
from schema.permissions import Staff
from schema.promotions import Promotion, PromotionId, PromotionKind
from shop.errors import Refusal, blaming

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class PromotionErrorCode(Enum): ...

else:
    PromotionErrorCode = errors.code_enum(
        "PromotionErrorCode", "a promotion", errors.codes_of(promotion_changes, promotion_codes)
    )


@strawberry.type(description="Why a promotion or its codes were not made or changed.")
class PromotionUserError(DisplayableError):
    code: PromotionErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "PromotionUserError":
        return cls(**errors.parts(refusal, PromotionErrorCode))


_MERCHANDISE = {
    "category_ids": "Category",
    "collection_ids": "Collection",
    "product_ids": "Product",
    "variant_ids": "ProductVariant",
}


@strawberry.input(description="Goods by any of these, 250 of each at the most; everything where none is named.")
class PromotionMerchandiseInput:
    category_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Categories, with all below them."
    )
    collection_ids: list[strawberry.ID] | None = strawberry.field(default=UNSET, description="Collections of any kind.")
    product_ids: list[strawberry.ID] | None = strawberry.field(default=UNSET, description="Products.")
    variant_ids: list[strawberry.ID] | None = strawberry.field(default=UNSET, description="Variants.")

    def to_domain(self) -> dict[str, list[int]]:
        return {name: _keys(getattr(self, name), noun, name) for name, noun in _MERCHANDISE.items()}


@strawberry.input(description="From a spend on, either a percentage or an amount off.")
class PromotionTierInput:
    from_: Decimal = strawberry.field(name="from", description="From how much on, at prices before promotions.")
    percentage: Decimal | None = strawberry.field(default=UNSET, description="More than 0, 100 at the most.")
    amount: Decimal | None = strawberry.field(default=UNSET, description="In the promotion's currency.")

    def to_domain(self) -> dict[str, Any]:
        fields: dict[str, Any] = given(self)
        return {"from_amount": fields.pop("from_"), **fields}


def _field(description: str) -> Any:
    return strawberry.field(default=UNSET, description=description)


@strawberry.input(
    description="What is to change of a promotion. What is left out stays; null puts a field back to its default."
)
class PromotionUpdateInput:
    title: str | None = _field("Its name as shoppers see it; it cannot be empty.")
    priority: int | None = _field("The lowest number comes first: 0 to 32767, 100 where nothing is said.")
    is_exclusive: bool | None = _field("Whether no other promotion applies beside it.")
    percentage: Decimal | None = _field(
        "For PERCENTAGE, and BUY_X_GET_Y where what is got is not free: more than 0, 100 at the most."
    )
    amount: Decimal | None = _field("For FIXED_AMOUNT what it takes off, for FIXED_PRICE what a unit costs.")
    tiers: list[PromotionTierInput] | None = _field("For TIERED: 20 at the most.")
    buy_quantity: int | None = _field("For BUY_X_GET_Y: how many have to be bought.")
    get_quantity: int | None = _field("For BUY_X_GET_Y: how many are got for those, the cheapest.")
    max_times: int | None = _field("For BUY_X_GET_Y: how often in one cart.")
    gift_variant_id: strawberry.ID | None = _field("For FREE_GIFT: the variant that is added; no bundle.")
    merchandise: PromotionMerchandiseInput | None = _field("What it takes something off.")
    qualifying: PromotionMerchandiseInput | None = _field(
        "What has to be bought, and counts for its minimums; where none is named, what it is for does."
    )
    group_ids: list[strawberry.ID] | None = _field("For customers in one of these groups; empty for everybody.")
    countries: list[codes.CountryCode] | None = _field("For carts that go to these countries; empty for every one.")
    is_first_order: bool | None = _field("Whether it is for the first order of a customer alone.")
    min_subtotal: Decimal | None = _field("How much has to be spent, at prices before promotions.")
    min_quantity: int | None = _field("How many units have to be bought.")
    starts_at: datetime | None = _field("From when on it applies.")
    ends_at: datetime | None = _field("Until when it applies.")
    usage_limit: int | None = _field("How many orders may use it.")
    usage_limit_per_customer: int | None = _field("How many orders of one customer may use it.")

    def to_domain(self) -> PromotionFields:
        return cast(PromotionFields, _fields(self))


@strawberry.input(description="A promotion to make.")
class PromotionCreateInput(PromotionUpdateInput):
    title: str = strawberry.field(description="Its name as shoppers see it, on one line of at most 255 characters.")
    kind: PromotionKind = strawberry.field(description="How it reckons what it takes off; it never changes.")
    currency: codes.CurrencyCode | None = _field(
        "The currency of its amounts, and of the carts it is for; it never changes. Needed where there is an amount."
    )
    needs_code: bool | None = _field("Whether a code has to be entered; it has where `codes` are given.")
    codes: list[str] | None = _field("Codes that bring it: 250 at the most; more can be generated.")
    is_active: bool | None = _field("Whether it may apply, in its time; it may unless this is false.")

    def to_domain(self) -> NewPromotion:
        return cast(NewPromotion, _fields(self))


def _fields(sent: PromotionUpdateInput) -> dict[str, Any]:
    fields: dict[str, Any] = given(sent)
    with blaming("promotion"):
        for name in ("merchandise", "qualifying"):
            part = getattr(sent, name)
            if isinstance(part, PromotionMerchandiseInput):
                with blaming(name):
                    fields[name] = part.to_domain()
        if isinstance(sent.tiers, list):
            fields["tiers"] = [tier.to_domain() for tier in sent.tiers]
        if isinstance(sent.group_ids, list):
            fields["group_ids"] = _keys(sent.group_ids, "CustomerGroup", "group_ids")
        if isinstance(sent.gift_variant_id, str):
            fields["gift_variant_id"] = nodes.number(sent.gift_variant_id, "ProductVariant", "gift_variant_id")
    return fields


def _keys(ids: Sequence[str] | None, noun: str, field: str) -> list[int]:
    return [nodes.number(id, noun, field, place) for place, id in enumerate(ids)] if isinstance(ids, list) else []


@strawberry.type
class PromotionPayload:
    """What a change of a promotion answers."""

    promotion: Promotion | None = strawberry.field(
        default=None, description="The promotion as it is now; null where this was refused."
    )
    user_errors: list[PromotionUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `promotionCreate`.")
class PromotionCreatePayload(PromotionPayload):
    pass


@strawberry.type(description="What became of `promotionUpdate`.")
class PromotionUpdatePayload(PromotionPayload):
    pass


@strawberry.type(description="What became of `promotionActivate`.")
class PromotionActivatePayload(PromotionPayload):
    pass


@strawberry.type(description="What became of `promotionDeactivate`.")
class PromotionDeactivatePayload(PromotionPayload):
    pass


@strawberry.type(description="What became of `promotionCodesGenerate`.")
class PromotionCodesGeneratePayload(PromotionPayload):
    codes: list[str] = strawberry.field(default_factory=list, description="The new codes.")


@strawberry.type(description="What became of `promotionCodesDisable`.")
class PromotionCodesDisablePayload(PromotionPayload):
    pass


@strawberry.type(description="What became of `promotionDelete`.")
class PromotionDeletePayload:
    deleted_promotion_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[PromotionUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


_KEEPERS = [Staff(Permission.MANAGE_PROMOTIONS)]


@strawberry.type
class PromotionMutations:
    @mutation(permission_classes=_KEEPERS)
    def promotion_create(
        self, promotion: Annotated[PromotionCreateInput, strawberry.argument(description="The promotion to make.")]
    ) -> PromotionCreatePayload:
        """Make a promotion, which applies at once unless it says otherwise. For staff who keep promotions."""
        made = promotion_changes.create(promotion=promotion.to_domain())
        return PromotionCreatePayload(promotion=Promotion.of(made))

    @mutation(permission_classes=_KEEPERS)
    def promotion_update(
        self,
        id: PromotionId,
        promotion: Annotated[PromotionUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> PromotionUpdatePayload:
        """Change a promotion; orders that used it stay as they are. For staff who keep promotions."""
        key = nodes.number(id, "Promotion", "id")
        changed = promotion_changes.update(promotion_id=key, promotion=promotion.to_domain())
        return PromotionUpdatePayload(promotion=Promotion.of(changed))

    @mutation(permission_classes=_KEEPERS)
    def promotion_activate(self, id: PromotionId) -> PromotionActivatePayload:
        """Let a promotion apply, in its time. For staff who keep promotions."""
        key = nodes.number(id, "Promotion", "id")
        return PromotionActivatePayload(
            promotion=Promotion.of(promotion_changes.switch(promotion_id=key, is_active=True))
        )

    @mutation(permission_classes=_KEEPERS)
    def promotion_deactivate(self, id: PromotionId) -> PromotionDeactivatePayload:
        """Let a promotion apply no longer. For staff who keep promotions."""
        key = nodes.number(id, "Promotion", "id")
        return PromotionDeactivatePayload(
            promotion=Promotion.of(promotion_changes.switch(promotion_id=key, is_active=False))
        )

    @mutation(permission_classes=_KEEPERS)
    def promotion_delete(self, id: PromotionId) -> PromotionDeletePayload:
        """Remove a promotion that no order has used, with its codes. For staff who keep promotions."""
        key = nodes.number(id, "Promotion", "id")
        promotion_changes.delete(promotion_id=key)
        return PromotionDeletePayload(deleted_promotion_id=gid("Promotion", key))

    @mutation(permission_classes=_KEEPERS)
    def promotion_codes_generate(
        self,
        promotion_id: PromotionId,
        count: Annotated[int, strawberry.argument(description="How many: 1 to 5,000.")],
        prefix: Annotated[str, strawberry.argument(description="What each begins with: 20 signs at the most.")] = "",
        length: Annotated[int, strawberry.argument(description="How many random signs follow: 8 to 30.")] = 10,
        usage_limit: Annotated[
            int | None, strawberry.argument(description="How many orders may use each; null for any number.")
        ] = 1,
    ) -> PromotionCodesGeneratePayload:
        """Make new codes that nobody can guess, of a promotion that needs one. For staff who keep promotions."""
        key = nodes.number(promotion_id, "Promotion", "promotion_id")
        promotion, made = promotion_codes.generate(
            promotion_id=key, count=count, prefix=prefix, length=length, usage_limit=usage_limit
        )
        return PromotionCodesGeneratePayload(promotion=Promotion.of(promotion), codes=made)

    @mutation(permission_classes=_KEEPERS)
    def promotion_codes_disable(
        self,
        promotion_id: PromotionId,
        codes: Annotated[list[str], strawberry.argument(description="The codes: 1 to 5,000.")],
    ) -> PromotionCodesDisablePayload:
        """Have codes bring their promotion no longer; orders that used them stay. For staff who keep promotions."""
        key = nodes.number(promotion_id, "Promotion", "promotion_id")
        return PromotionCodesDisablePayload(
            promotion=Promotion.of(promotion_codes.disable(promotion_id=key, codes=codes))
        )
