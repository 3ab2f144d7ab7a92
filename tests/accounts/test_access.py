import pytest
from django.test import Client

SIGN_IN = "/accounts/sign-in/"


def test_a_page_leads_to_the_sign_in_and_back_with_its_query(client: Client) -> None:
    response = client.get("/accounts/profile/?tab=2")
    assert (response.status_code, response["Location"]) == (302, f"{SIGN_IN}?next=%2Faccounts%2Fprofile%2F%3Ftab%3D2")
    assert "HX-Request" in response["Vary"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("referer", "way"),
    [
        ("http://testserver/accounts/addresses/?x=1", "?next=%2Faccounts%2Faddresses%2F%3Fx%3D1"),
        ("https://evil.example/accounts/", ""),
        ("", ""),
    ],
)
def test_a_form_leads_back_to_the_page_that_held_it(client: Client, referer: str, way: str) -> None:
    response = client.post("/accounts/addresses/some-id/remove/", headers={"Referer": referer})
    assert (response.status_code, response["Location"]) == (302, SIGN_IN + way)


def test_htmx_is_told_to_leave_the_page(htmx_client: Client) -> None:
    response = htmx_client.get("/accounts/profile/", headers={"HX-Current-URL": "http://testserver/cart/"})
    assert (response.status_code, response["HX-Redirect"]) == (204, f"{SIGN_IN}?next=%2Fcart%2F")
    assert response.content == b""


def test_htmx_cannot_be_made_to_lead_to_another_site(htmx_client: Client) -> None:
    response = htmx_client.get("/accounts/profile/", headers={"HX-Current-URL": "https://evil.example/"})
    assert response["HX-Redirect"] == SIGN_IN


def test_a_session_cookie_that_means_nothing_is_a_guest(client: Client) -> None:
    client.cookies["session"] = "made-up-00000000000000000000000000"
    assert client.get("/accounts/profile/").status_code == 302
