from django import forms
from pytest_django.asserts import assertInHTML


class DeliveryForm(forms.Form):
    email = forms.EmailField(help_text="For the confirmation.", widget=forms.EmailInput(attrs={"class": "wide"}))
    note = forms.CharField(required=False, widget=forms.Textarea)
    method = forms.ChoiceField(choices=[("standard", "Standard"), ("express", "Express")], widget=forms.RadioSelect)
    country = forms.ChoiceField(choices=[("DE", "Germany")])
    news = forms.BooleanField(required=False, label="Send me news")


def test_a_field_has_its_label_hint_and_control() -> None:
    html = DeliveryForm()["email"].as_field_group()
    assert '<label class="field__label" for="id_email">' in html
    assert 'id="id_email_helptext">For the confirmation.' in html
    assert 'class="input wide" type="email" name="email"' in html
    assert 'aria-describedby="id_email_helptext"' in html


def test_an_invalid_field_is_described_by_its_hint_and_its_error() -> None:
    html = DeliveryForm({"email": "nobody"})["email"].as_field_group()
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'id="id_email_error"' in html
    assert 'value="nobody"' in html


def test_only_optional_fields_say_so() -> None:
    form = DeliveryForm()
    assert "(optional)" in form["note"].as_field_group()
    assert "(optional)" not in form["email"].as_field_group()


def test_radios_are_cards_in_a_fieldset_with_a_legend() -> None:
    html = DeliveryForm()["method"].as_field_group()
    assert "<fieldset" in html
    assert '<legend class="field__label">Method' in html
    assert html.count('<label class="choice-card">') == 2


def test_a_checkbox_is_inside_its_label() -> None:
    html = DeliveryForm()["news"].as_field_group()
    control = '<input class="choice__input" type="checkbox" name="news" id="id_news">'
    assertInHTML(f'<label class="choice">{control}<span>Send me news</span></label>', html)


def test_a_select_keeps_what_was_chosen() -> None:
    html = DeliveryForm({"country": "DE"})["country"].as_field_group()
    assert '<select class="input select" name="country"' in html
    assertInHTML('<option value="DE" selected>Germany</option>', html)


def test_what_was_entered_is_escaped() -> None:
    html = DeliveryForm({"note": "</textarea><b>", "email": '"><b>'}).as_div()
    assert "<b>" not in html
