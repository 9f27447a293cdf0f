"""Breadth-first execution of GraphQL: each field is resolved for all of its parents at once.

A library of its own beside graphql-core, which it takes as its measure: same data, same errors. `docs/engine.md` tells
what it promises. `for_strawberry` says how the fields of a Strawberry schema are resolved; another adapter would do.
"""

from schema.engine.plans import Engine, Plan
from schema.engine.resolutions import ALLOWED, Adapter, Attribute, Batch, Call, Resolution, Unsupported

__all__ = ["ALLOWED", "Adapter", "Attribute", "Batch", "Call", "Engine", "Plan", "Resolution", "Unsupported"]
