"""/readyz: what the shop cannot do without, asked for real; /healthz asks nothing (test_healthz.py)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from cloudcart import readiness
from cloudcart.dynamo import StoreModel
from cloudcart.local.emulator import find_free_port


@pytest.fixture
def fresh_clients() -> Iterator[None]:
    """No client of another test, and none left for the next."""
    readiness._clients.clear()
    yield
    readiness._clients.clear()


def test_a_shop_with_everything_is_ready_and_no_cache_may_say_so_later(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    checks = {"tables": "ok", "queue": "ok", "pool": "ok"}
    assert response.json() == {"status": "ready", "release": "local", "checks": checks}
    assert response["Cache-Control"] == "no-store"


def test_every_table_is_asked_for() -> None:
    names = {model.Meta.table for model in StoreModel.registry}  # type: ignore[attr-defined]
    assert {"orders", "carts", "products", "listings", "sessions"} <= names
    assert all(readiness._empty_key(model) for model in StoreModel.registry)


def test_a_missing_table_is_named_as_what_is_wrong(client: Client) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(StoreModel.registry[0].Meta, "table_name", "no-such-table")
        response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"tables": "ResourceNotFoundException", "queue": "ok", "pool": "ok"}


def test_a_missing_queue_and_an_unknown_pool_are_told_apart(client: Client, settings: Any) -> None:
    settings.TASK_QUEUE_URL = settings.TASK_QUEUE_URL.replace("-tasks", "-nobodys")
    settings.COGNITO_USER_POOL_ID = "eu-central-1_nobodys"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response["Cache-Control"] == "no-store"
    checks = response.json()["checks"]
    assert checks["tables"] == "ok"
    assert "ok" not in {checks["queue"], checks["pool"]}


def test_an_aws_out_of_reach_is_an_answer_and_no_error(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, fresh_clients: None
) -> None:
    nowhere = f"http://127.0.0.1:{find_free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", nowhere)
    settings.AWS_ENDPOINT_URL = nowhere
    settings.TASK_QUEUE_URL = f"{nowhere}/000000000000/cloudcart-local-tasks"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    # The kinds alone: neither addresses nor ids are anyone's business.
    assert nowhere not in response.content.decode()
    assert "ok" not in response.json()["checks"].values()


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/readyz").status_code == 405
