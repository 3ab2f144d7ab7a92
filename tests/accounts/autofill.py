"""A visitor who is a program: fills in forms by what their fields are for, sends them and follows."""

from typing import Any

import html5lib
from django.test import Client


def fill_in(client: Client, page: Any, **answers: str) -> Any:
    """Send the first form of the page that asks for all of the answers, by autocomplete token (`_` for `-`)."""
    wanted = {token.replace("_", "-"): value for token, value in answers.items()}
    for form in _main(page).iter("form"):
        fields = [field for field in form.iter("input") if field.get("name")]
        by_token = {str(field.get("autocomplete")): field for field in fields}
        if form.get("method") == "post" and wanted.keys() <= by_token.keys():
            content = {str(field.get("name")): field.get("value", "") for field in fields}
            content |= {str(by_token[token].get("name")): value for token, value in wanted.items()}
            action = form.get("action") or page.request["PATH_INFO"] + _query(page)
            return client.post(action, content, follow=True)
    raise AssertionError(f"No form asks for {', '.join(wanted)}.")


def text_of(page: Any) -> str:
    return " ".join(" ".join(_main(page).itertext()).split())


def _query(page: Any) -> str:
    query = page.request["QUERY_STRING"]
    return f"?{query}" if query else ""


def _main(page: Any) -> Any:
    document = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    main = document.find(".//main")
    assert main is not None
    return main
