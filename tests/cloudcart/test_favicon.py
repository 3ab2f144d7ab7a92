from django.templatetags.static import static
from django.test import Client


def test_whoever_asks_for_the_old_address_of_the_icon_is_led_to_it(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"] == static("img/favicon.svg")
    assert response["Cache-Control"] == "public, max-age=86400"
    assert "Set-Cookie" not in response


def test_the_icon_is_only_read(client: Client) -> None:
    assert client.post("/favicon.ico").status_code == 405
