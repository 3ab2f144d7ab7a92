from django.test import Client


def test_healthz_answers_without_asking_any_store(client: Client, dynamodb_calls) -> None:  # type: ignore[no-untyped-def]
    with dynamodb_calls() as log:
        response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert log.count == 0
