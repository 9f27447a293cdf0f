"""Subscriptions: one ASGI application that answers them over WebSockets and event streams, and nothing else.

`live` has what both protocols share: a subscription is an operation that is executed now, and again whenever what it
watches has changed, exactly as a query is over HTTP. `docs/subscriptions.md` tells clients and operators the rest.
"""
