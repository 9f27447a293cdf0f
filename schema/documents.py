"""Documents of a schema: parsed, held to the limits and validated once, then kept by their text."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.conf import settings
from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    KnownDirectivesRule,
    OperationDefinitionNode,
    Visitor,
    VisitorAction,
    parse,
    specified_rules,
    validate,
    visit,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema import limits
from schema.costs import Cost
from schema.errors import ClientError, Rejected
from shop import metrics

MAX_KEPT = 500
MAX_KEPT_CHARACTERS = 300_000  # a character costs up to 300 bytes once parsed


class KnownDirectives(KnownDirectivesRule):
    """The specified rule, but `@defer` may stand on fragments although it is not declared.

    It is a wish that a server may ignore; we answer in one piece. Declared, it would have to be executed.
    """

    def enter_directive(self, node: DirectiveNode, key: Any, parent: Any, path: Any, ancestors: list[Any]) -> None:
        if node.name.value == "defer" and isinstance(ancestors[-1], FragmentSpreadNode | InlineFragmentNode):
            return
        super().enter_directive(node, key, parent, path, ancestors)


RULES = (
    *(KnownDirectives if rule is KnownDirectivesRule else rule for rule in specified_rules),
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)


@dataclass(frozen=True, eq=False)
class Operation:
    """An operation that is fit to be executed once its variables are known."""

    schema: GraphQLSchema
    document: DocumentNode
    node: OperationDefinitionNode
    cost: Cost
    may_ask_once: bool = False

    @property
    def name(self) -> str | None:
        return self.node.name.value if self.node.name else None


@dataclass(frozen=True)
class _Kept:
    operations: dict[str | None, Operation] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)


class Documents:
    """The documents of one schema, the most recently used of them kept. Safe to share among threads."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._characters = 0
        self._lock = Lock()

    def operation(self, text: str, name: str | None = None) -> Operation:
        """The operation of this name in a document, or its only one. Raises Rejected."""
        kept = self._find(text)
        if kept.errors:
            raise Rejected(kept.errors)
        if name is None and len(kept.operations) == 1:
            return next(iter(kept.operations.values()))
        if name is None:
            raise Rejected.because("OPERATION_RESOLUTION_FAILURE", "Say in `operationName` which operation to execute.")
        if name not in kept.operations:
            raise Rejected.because("OPERATION_RESOLUTION_FAILURE", f"The document has no operation '{name}'.")
        return kept.operations[name]

    def _find(self, text: str) -> _Kept:
        with self._lock:
            if text in self._kept:
                self._kept.move_to_end(text)
                metrics.document_known()
                return self._kept[text]
        metrics.document_read()
        made = self._made(text)
        with self._lock:
            if text not in self._kept:
                self._kept[text] = made
                self._characters += len(text)
            while len(self._kept) > MAX_KEPT or self._characters > MAX_KEPT_CHARACTERS:
                self._characters -= len(self._kept.popitem(last=False)[0])
        return made

    def _made(self, text: str) -> _Kept:
        try:
            document = _valid(self.schema, text)
        except Rejected as rejected:
            return _Kept(errors=rejected.errors)
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        return _Kept(
            {
                node.name.value if node.name else None: Operation(
                    self.schema, document, node, Cost.of(self.schema, document, node), "idempotent" in text
                )
                for node in operations
            }
        )


def _valid(schema: GraphQLSchema, text: str) -> DocumentNode:
    try:
        document = parse(text, max_tokens=settings.GRAPHQL_MAX_TOKENS)
        limits.check_document(document)
        errors = validate(schema, document, RULES)
    except GraphQLSyntaxError as error:
        raise Rejected([_told(error, _syntax_code(error.message))]) from None
    except ClientError as error:
        raise Rejected([_told(error, error.code)]) from None
    except RecursionError:
        raise Rejected.because("QUERY_TOO_DEEP", "This document is nested too deeply to be read.") from None
    if errors:
        raise Rejected([_told(error, "GRAPHQL_VALIDATION_FAILED") for error in errors])
    return visit(document, _WithoutDefer()) if "defer" in text else document


def _syntax_code(message: str) -> str:
    if message.endswith("tokens. Parsing aborted."):
        return "QUERY_TOO_LARGE"
    return "QUERY_TOO_DEEP" if message.endswith("Parsing aborted.") else "GRAPHQL_PARSE_FAILED"


def _told(error: GraphQLError, code: str) -> dict[str, Any]:
    return {**error.formatted, "extensions": {"code": code}}


class _WithoutDefer(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> VisitorAction:
        return REMOVE if node.name.value == "defer" else None
