"""Downloads of orders: what buyers may download, and the mutation by which staff let them do it anew."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts.staff import Permission
from checkout import downloads
from checkout.downloads import Download
from schema import errors, nodes
from schema.context import Context
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.nodes import gid
from schema.permissions import Staff
from schema.scalars import URL
from shop.errors import Refusal, blaming

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class DownloadGrantErrorCode(Enum): ...

else:
    DownloadGrantErrorCode = errors.code_enum("DownloadGrantErrorCode", "a download", errors.codes_of(downloads))


def downloads_of_order(context: Context, keys: Sequence[int]) -> list[list[Download]]:
    found = downloads.of_orders(keys)
    return [found[key] for key in keys]


@strawberry.type(description="A file that was bought.")
class OrderDownload:
    id: strawberry.ID = strawberry.field(description="The download's id.")
    title: str = strawberry.field(description="What it was called when it was bought.")
    file_name: str = strawberry.field(description="The name it is saved under.")
    size_bytes: float = strawberry.field(description="Its size in bytes.")
    url: URL | None = strawberry.field(
        description="A link to it, made anew whenever this is asked for; following it counts as a download. Null where "
        "it was downloaded as often as it may be, or its time is over."
    )
    expires_at: datetime | None = strawberry.field(description="Until when the link holds; null without a link.")
    available_until: datetime | None = strawberry.field(
        description="Until when it may be downloaded at all; null for ever."
    )
    remaining: int | None = strawberry.field(
        description="How often it may still be downloaded; null for as often as one likes."
    )

    @classmethod
    def of(cls, row: Download) -> "OrderDownload":
        grant = row.grant
        return cls(
            id=gid("OrderDownload", grant.key),
            title=grant.title,
            file_name=grant.file.file_name,
            size_bytes=float(grant.file.size),
            url=URL(row.url) if row.url else None,
            expires_at=row.url_expires_at,
            available_until=grant.expires_at,
            remaining=grant.remaining,
        )


@strawberry.type(description="Why a download was not reset.")
class DownloadGrantUserError(DisplayableError):
    code: DownloadGrantErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "DownloadGrantUserError":
        return cls(**errors.parts(refusal, DownloadGrantErrorCode))


@strawberry.type(description="What became of `downloadGrantReset`.")
class DownloadGrantResetPayload:
    download: OrderDownload | None = strawberry.field(
        default=None, description="The download as it is now; null where this was refused."
    )
    user_errors: list[DownloadGrantUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type
class DownloadMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def download_grant_reset(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The download of an order.")]
    ) -> DownloadGrantResetPayload:
        """Let a buyer download a file anew: counted from none, and valid from now. For staff who manage orders."""
        with blaming("id"):
            key = nodes.uuid(id, "OrderDownload")
        return DownloadGrantResetPayload(download=OrderDownload.of(downloads.reset(grant_key=key)))
