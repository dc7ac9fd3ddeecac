"""The API does what its document says: generated requests, valid and not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from broadcaster.web.api.openapi import document
from broadcaster.web.api.table import ENDPOINTS
from tests.e2e.api.conftest import Caller, WebOffice

CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
LABELS = [f"{each.method} {each.path}" for each in ENDPOINTS if each.path != "/events"]
Operation = Callable[[str, GenerationMode], Any]


@pytest.fixture(scope="module")
def operations(web_office: WebOffice) -> Operation:
    """Strategies of requests, by the name of an operation."""
    schemas = {}
    for mode in GenerationMode:
        schema = schemathesis.openapi.from_dict(document())
        schema.config.update(base_url=f"{web_office.url}/api/v1")
        schema.config.generation.update(modes=[mode])
        operations = [cast("Any", found).ok() for found in schema.get_all_operations()]
        schemas[mode] = {operation.label: operation for operation in operations}

    def strategy(label: str, mode: GenerationMode) -> Any:
        return schemas[mode][label].as_strategy(generation_mode=mode)

    return strategy


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_documented(
    operations: Operation, admin: Caller, label: str, mode: GenerationMode
) -> None:
    @hypothesis.settings(
        max_examples=3,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operations(label, mode))
    def asked(case: Any) -> None:
        if len(str(case.query)) > 4000:
            return  # a longer line is none of a request of ours
        case.call_and_validate(headers={"Authorization": f"Bearer {admin.token}"}, checks=CHECKS)

    asked()
