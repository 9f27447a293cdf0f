"""Customers: who is signed in, signing up, in and out, and changing what the shop knows about oneself."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from accounts import attempts, contacts, customers, recovery, sessions
from accounts.models import User
from accounts.sessions import Session
from accounts.staff import MEANINGS, Permission
from schema import errors, loaders
from schema.alerts import ProductAlert, alerts_of_customer
from schema.context import Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.nodes import Node, gid
from schema.pagination import CountedConnection
from schema.permissions import SignedIn
from schema.points import CustomerLoyalty, loyalty_of_customer
from schema.reviews import Review, reviews_of_customer
from schema.store_credit import StoreCredit, credit_of_customer
from schema.wishlists import Wishlist, wishlists_of_customer
from shop import languages
from shop.errors import Refusal, blaming

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data
    from enum import Enum as CustomerErrorCode
    from enum import Enum as StaffPermission

    from schema.carts import Cart
    from schema.credit_limits import CustomerCreditLimit
    from schema.orders import Order
else:
    CustomerErrorCode = errors.code_enum(
        "CustomerErrorCode", "an account or a session", errors.codes_of(customers, contacts, sessions, attempts)
    )
    StaffPermission = strawberry.enum(
        Enum(
            "StaffPermission",
            {known.name: strawberry.enum_value(known, description=f"{MEANINGS[known]}.") for known in Permission},
        ),
        description="What a role in the shop's staff allows.",
    )


@strawberry.type(description="A person with an account: a customer, a member of staff, or both.")
class Customer(Node):
    email: str | None = strawberry.field(description="The address they sign in with, in lower case.")
    first_name: str | None = strawberry.field(description="The given name, if they told it.")
    last_name: str | None = strawberry.field(description="The family name, if they told it.")
    display_name: str = strawberry.field(description="What to call them: their name, or else their e-mail address.")
    phone: str | None = strawberry.field(
        description="The phone number in E.164, such as +12025550123, if they told it."
    )
    accepts_marketing: bool = strawberry.field(description="Whether they agreed to be sent advertising.")
    tax_id: str | None = strawberry.field(description="The tax id of their business, if they told it.")
    is_tax_exempt: bool = strawberry.field(description="Whether they buy without taxes, as staff decided.")
    created_at: datetime = strawberry.field(description="When the account was made.")
    is_staff: bool = strawberry.field(description="Whether they work for the shop.")
    permissions: list[StaffPermission] = edge(
        loaders.permissions_of_customer,
        key="user",
        description="What they may do as staff, for an admin interface to adapt to; empty for customers.",
    )
    orders: CountedConnection[Annotated["Order", strawberry.lazy("schema.orders")]] = edge(
        loaders.orders_of_customer, description="What they ordered, newest first, as far as you may see it."
    )
    reviews: CountedConnection[Review] = edge(
        reviews_of_customer, description="What they said of products, newest first, as far as you may see it."
    )
    wishlists: list[Wishlist] = edge(
        wishlists_of_customer, description="Their wishlists, the default one first; empty for all but themselves."
    )
    product_alerts: list[ProductAlert] = edge(
        alerts_of_customer, description="What they wait for, newest first; empty for all but themselves."
    )
    credit_limits: list[Annotated["CustomerCreditLimit", strawberry.lazy("schema.credit_limits")]] = edge(
        loaders.credit_limits_of_customer,
        description="What they may buy on invoice, by currency, and what is open of it.",
    )
    cart: Annotated["Cart", strawberry.lazy("schema.carts")] | None = edge(
        loaders.cart_of_customer,
        description="The open cart they changed last; null where there is none, and for all but themselves.",
    )
    loyalty: CustomerLoyalty = edge(loyalty_of_customer, description="The points they have.")
    store_credit: list[StoreCredit] = edge(
        credit_of_customer, description="The store credit they have, by currency: to be spent in their carts."
    )
    pk: strawberry.Private[int]
    user: strawberry.Private[User]

    @classmethod
    def of(cls, user: User) -> "Customer":
        return cls(
            id=gid("Customer", user.pk),
            email=user.email,
            first_name=user.first_name or None,
            last_name=user.last_name or None,
            display_name=user.display_name,
            phone=user.phone or None,
            accepts_marketing=user.accepts_marketing,
            tax_id=user.tax_id or None,
            is_tax_exempt=user.is_tax_exempt,
            created_at=user.created_at,
            is_staff=user.is_staff,
            pk=user.pk,
            user=user,
        )


@strawberry.type(
    description="What proves who is asking. Send `Authorization: Bearer <accessToken>` with each request; when it "
    "expires, exchange the refresh token for a new pair with `tokenRefresh`."
)
class CustomerAccessToken:
    access_token: str = strawberry.field(description="The JSON Web Token to send with each request.")
    expires_at: datetime = strawberry.field(description="Until when the access token holds.")
    refresh_token: str = strawberry.field(
        description="Good for one `tokenRefresh`. Keep it where scripts of other sites cannot read it."
    )
    refresh_expires_at: datetime = strawberry.field(description="Until when the refresh token can be exchanged.")

    @classmethod
    def of(cls, session: Session) -> "CustomerAccessToken":
        return cls(
            access_token=session.access_token,
            expires_at=session.expires_at,
            refresh_token=session.refresh_token,
            refresh_expires_at=session.refresh_expires_at,
        )


@strawberry.type(description="Why a change of an account or a session was refused.")
class CustomerUserError(DisplayableError):
    code: CustomerErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "CustomerUserError":
        return cls(**errors.parts(refusal, CustomerErrorCode))


@strawberry.input(description="A new account.")
class CustomerCreateInput:
    email: str = strawberry.field(description="The address to sign in with; upper and lower case are the same.")
    password: str = strawberry.field(description="At least 8 characters, and not easy to guess.")
    first_name: str | None = strawberry.field(default=None, description="The given name.")
    last_name: str | None = strawberry.field(default=None, description="The family name.")
    phone: str | None = strawberry.field(
        default=None, description="The phone number; without + and a country it is taken to be in the shop's country."
    )
    accepts_marketing: bool | None = strawberry.field(
        default=False, description="Whether they agree to be sent advertising."
    )

    def to_domain(self) -> dict[str, Any]:
        return {
            "email": self.email,
            "password": self.password,
            "first_name": self.first_name or "",
            "last_name": self.last_name or "",
            "phone": self.phone or "",
            "accepts_marketing": bool(self.accepts_marketing),
        }


@strawberry.input(description="What to change about oneself. What is left out stays; null removes a name or the phone.")
class CustomerUpdateInput:
    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="Another address to sign in with; takes `currentPassword` too."
    )
    first_name: str | None = strawberry.field(default=strawberry.UNSET, description="The given name.")
    last_name: str | None = strawberry.field(default=strawberry.UNSET, description="The family name.")
    phone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The phone number; without + and a country it is taken to be in the shop's country.",
    )
    accepts_marketing: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether they agree to be sent advertising."
    )
    current_password: str | None = strawberry.field(
        default=None, description="Needed to change the e-mail address, which could be used to take the account over."
    )

    def to_domain(self) -> dict[str, Any]:
        said = {name: value for name, value in vars(self).items() if value is not strawberry.UNSET}
        removed = {name: "" for name in ("first_name", "last_name", "phone") if said.get(name, "") is None}
        return {**said, **removed}


@strawberry.type
class CustomerPayload:
    """What every change of an account or a session answers."""

    user_errors: list[CustomerUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type
class SessionPayload(CustomerPayload):
    """What every mutation that signs somebody in answers."""

    customer: Customer | None = strawberry.field(default=None, description="Who is signed in; null if refused.")
    token: CustomerAccessToken | None = strawberry.field(
        default=None, description="What proves it in the requests that follow; null if refused."
    )

    @classmethod
    def of(cls, session: Session) -> Self:
        return cls(customer=Customer.of(session.user), token=CustomerAccessToken.of(session))


@strawberry.type(description="The answer to `customerCreate`.")
class CustomerCreatePayload(SessionPayload):
    pass


@strawberry.type(description="The answer to `customerPasswordChange`.")
class CustomerPasswordChangePayload(SessionPayload):
    pass


@strawberry.type(description="The answer to `tokenCreate`.")
class TokenCreatePayload(SessionPayload):
    pass


@strawberry.type(description="The answer to `tokenRefresh`.")
class TokenRefreshPayload(SessionPayload):
    pass


@strawberry.type(description="The answer to `customerUpdate`.")
class CustomerUpdatePayload(CustomerPayload):
    customer: Customer | None = strawberry.field(
        default=None, description="The customer after the change; null if it was refused."
    )


@strawberry.type(description="The answer to `customerRecover`.")
class CustomerRecoverPayload(CustomerPayload):
    pass


@strawberry.type(description="The answer to `customerReset`.")
class CustomerResetPayload(SessionPayload):
    pass


@strawberry.type(description="The answer to `tokenVerify`.")
class TokenVerifyPayload(CustomerPayload):
    is_valid: bool = strawberry.field(default=False, description="Whether requests with this token are signed in.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="Until when it holds; null for a token that does not."
    )
    customer: Customer | None = strawberry.field(
        default=None, description="Whom it speaks for; null for a token that does not hold."
    )


@strawberry.type(description="The answer to `tokenRevoke`.")
class TokenRevokePayload(CustomerPayload):
    pass


@strawberry.type(description="The answer to `tokenRevokeAll`.")
class TokenRevokeAllPayload(CustomerPayload):
    pass


@strawberry.type
class CustomerQueries:
    @query
    def me(self, info: Info) -> Customer | None:
        """Who is signed in; null for a guest."""
        [user] = loaders.customers(info.context, [info.context.actor.user_id])
        return Customer.of(user) if user else None


@strawberry.type
class CustomerMutations:
    @mutation
    def customer_create(
        self, info: Info, input: Annotated[CustomerCreateInput, strawberry.argument(description="The new account.")]
    ) -> CustomerCreatePayload:
        """Make an account, and sign in to it at once."""
        with blaming("input"):
            return CustomerCreatePayload.of(customers.sign_up(**input.to_domain()))

    @mutation(permission_classes=[SignedIn])
    def customer_update(
        self, info: Info, input: Annotated[CustomerUpdateInput, strawberry.argument(description="What to change.")]
    ) -> CustomerUpdatePayload:
        """Change what the shop knows about whoever is signed in."""
        context = info.context
        with blaming("input"):
            user = customers.change(actor=context.actor, client_address=context.client_address, **input.to_domain())
        return CustomerUpdatePayload(customer=Customer.of(user))

    @mutation(permission_classes=[SignedIn])
    def customer_password_change(
        self,
        info: Info,
        current_password: Annotated[str, strawberry.argument(description="The password until now.")],
        new_password: Annotated[str, strawberry.argument(description="At least 8 characters, and not easy to guess.")],
    ) -> CustomerPasswordChangePayload:
        """Change the password of whoever is signed in. Every other session ends; this one goes on with a new token."""
        context = info.context
        session = customers.change_password(
            actor=context.actor, current=current_password, new=new_password, client_address=context.client_address
        )
        return CustomerPasswordChangePayload.of(session)

    @mutation
    def customer_recover(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="The account's e-mail address, in any case.")],
    ) -> CustomerRecoverPayload:
        """Have a link to choose a new password sent by e-mail. The answer is the same whether there is an account."""
        recovery.ask(
            email=email, client_address=info.context.client_address, language=languages.foreign(info.context.language)
        )
        return CustomerRecoverPayload()

    @mutation
    def customer_reset(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description="The token in the link that was sent.")],
        new_password: Annotated[str, strawberry.argument(description="At least 8 characters, and not easy to guess.")],
    ) -> CustomerResetPayload:
        """Choose a new password with the token of a link, and sign in. Every other session ends."""
        return CustomerResetPayload.of(recovery.reset(token=token, new=new_password))

    @mutation
    def token_create(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="The account's e-mail address, in any case.")],
        password: Annotated[str, strawberry.argument(description="The account's password.")],
    ) -> TokenCreatePayload:
        """Sign in. After 10 wrong passwords from one network, an address has to wait a quarter of an hour."""
        session = sessions.sign_in(email=email, password=password, client_address=info.context.client_address)
        return TokenCreatePayload.of(session)

    @mutation
    def token_refresh(
        self,
        info: Info,
        refresh_token: Annotated[str, strawberry.argument(description="The newest refresh token of the session.")],
    ) -> TokenRefreshPayload:
        """Exchange a refresh token for a new pair of tokens.

        Each is good for one exchange: one that comes a second time was copied, and ends every session of its owner.
        """
        return TokenRefreshPayload.of(sessions.refresh(refresh_token=refresh_token))

    @mutation
    def token_verify(
        self,
        info: Info,
        access_token: Annotated[str, strawberry.argument(description="The access token to look at.")],
    ) -> TokenVerifyPayload:
        """Whether an access token holds. Of one that does not, `userErrors` tells why."""
        with blaming("access_token"):
            verified = sessions.verify(access_token)
        return TokenVerifyPayload(is_valid=True, expires_at=verified.expires_at, customer=Customer.of(verified.user))

    @mutation
    def token_revoke(
        self,
        info: Info,
        refresh_token: Annotated[str, strawberry.argument(description="The newest refresh token of the session.")],
    ) -> TokenRevokePayload:
        """Sign out: the refresh token is good for nothing any more, and the access token runs out within minutes.

        Doing it twice, or with a token nobody knows, is no error.
        """
        sessions.end(refresh_token=refresh_token)
        return TokenRevokePayload()

    @mutation(permission_classes=[SignedIn])
    def token_revoke_all(self, info: Info) -> TokenRevokeAllPayload:
        """Sign out everywhere: every token of whoever is signed in is refused from now on, also the one just sent."""
        sessions.end_all(actor=info.context.actor)
        return TokenRevokeAllPayload()
