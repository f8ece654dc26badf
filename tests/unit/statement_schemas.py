"""The published formats of statements as JSON schemas, written from their specifications.

Sources: in-toto attestation framework, ``spec/v1/statement.md``, ``spec/v1/resource_descriptor.md``,
``spec/v1/digest_set.md``; slsa.dev/provenance/v1 and its ``provenance.proto``. Neither project publishes one. Unknown
fields may be there (``spec/v1/README.md``, "Parsing rules"), but a misspelt one of ours would be one: they are refused.
"""

from __future__ import annotations

from typing import Any

_URI = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9+.-]*:.+"}
_TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
_DIGESTS = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "sha512": {"type": "string", "pattern": "^[0-9a-f]{128}$"},
        "sha384": {"type": "string", "pattern": "^[0-9a-f]{96}$"},
        "blake2b": {"type": "string", "pattern": "^[0-9a-f]+$"},
        "md5": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "dirHash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "gitCommit": {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"},
    },
}
_RESOURCE = {
    "type": "object",
    "additionalProperties": False,
    # "A ResourceDescriptor MUST specify one of uri, digest or content at a minimum."
    "anyOf": [{"required": ["uri"]}, {"required": ["digest"]}, {"required": ["content"]}],
    "properties": {
        "name": {"type": "string"},
        "uri": _URI,
        "digest": _DIGESTS,
        "content": {"type": "string"},
        "downloadLocation": _URI,
        "mediaType": {"type": "string"},
        "annotations": {"type": "object"},
    },
}
_RESOURCES = {"type": "array", "items": _RESOURCE}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


PROVENANCE_V1 = _object(
    ("buildDefinition", "runDetails"),
    buildDefinition=_object(
        ("buildType", "externalParameters"),
        buildType=_URI,
        externalParameters={"type": "object"},
        internalParameters={"type": "object"},
        resolvedDependencies=_RESOURCES,
    ),
    runDetails=_object(
        ("builder",),
        builder=_object(
            ("id",),
            id=_URI,
            version={"type": "object", "additionalProperties": {"type": "string"}},
            builderDependencies=_RESOURCES,
        ),
        metadata=_object((), invocationId={"type": "string"}, startedOn=_TIME, finishedOn=_TIME),
        byproducts=_RESOURCES,
    ),
)
STATEMENT_V1 = _object(
    ("_type", "subject", "predicateType"),
    _type={"const": "https://in-toto.io/Statement/v1"},
    # "Each element MUST have digest set."
    subject={"type": "array", "minItems": 1, "items": {**_RESOURCE, "required": ["digest"]}},
    predicateType=_URI,
    predicate=PROVENANCE_V1,
)
