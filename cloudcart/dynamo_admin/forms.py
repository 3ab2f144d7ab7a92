"""Forms that know which version they show, so that saving one never undoes what somebody else saved."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet, BaseModelFormSet

SEEN = "seen_version"

# What a person can do about a conflict; who made it is said before.
CONFLICT_ADVICE = (
    "Nothing was saved, and your input is still here. "
    "Save once more to put it in place of theirs, or reload the page to see theirs."
)


class VersionedForm(forms.ModelForm):  # type: ignore[type-arg]
    """Carries the version it was rendered from. If another is stored by now, it says so and keeps the input.

    Sent once more, it carries the version that was found, and so is saved: the person has been told.
    """

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    # Sentences of a save that was refused; the admin sets them for the answer to that very request.
    refusals: Sequence[str] = ()
    # Says who changed the object meanwhile.
    tell_conflict: Callable[[Any], str] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial[SEEN] = self._stored_version

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get(SEEN)
        if not self.instance._state.adding and seen != self._stored_version and self._is_to_be_saved():
            # What a save was refused for may have been this very conflict: it is told once.
            self._tell_conflict()
            return cleaned
        for sentence in self.refusals:
            self.add_error(None, sentence)
        return cleaned

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != SEEN]

    def _is_to_be_saved(self) -> bool:
        return True

    @property
    def _stored_version(self) -> int | None:
        return getattr(self.instance, "stored_version", None)

    def _tell_conflict(self) -> None:
        teller = type(self).tell_conflict
        who = teller(self.instance) if teller else "Somebody else changed this while you were editing."
        self.add_error(None, f"{who} {CONFLICT_ADVICE}")
        # The next attempt is made in knowledge of what is stored.
        data: Any = self.data
        self.data = data.copy()
        self.data[self.add_prefix(SEEN)] = str(self._stored_version)  # type: ignore[index]


class VersionedRowForm(VersionedForm):
    """A row of a list: what was not touched is not saved, and so cannot undo anything."""

    def _is_to_be_saved(self) -> bool:
        return bool(self.changed_data)


class RowVersionInput(forms.HiddenInput):
    """The hidden key of a row of the list, and beside it the version that the row shows."""

    def __init__(self, version_name: str, version: int | None) -> None:
        super().__init__()
        self._version_name = version_name
        self._version = version

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        version = forms.HiddenInput().render(self._version_name, self._version, None, renderer)
        return super().render(name, value, attrs, renderer) + version


class ListFormSet(BaseModelFormSet):  # type: ignore[type-arg]
    """The rows of a list that can be edited in place, each with its version."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        key = _key_name(self.model)
        version = form.data.get(form.add_prefix(SEEN)) if form.is_bound else form.instance.stored_version
        # Django would look the key up once more to validate it; the row's object was read already.
        form.fields[key] = forms.CharField(required=False, widget=RowVersionInput(form.add_prefix(SEEN), version))
        form.fields[key].clean = lambda value: value
        form.initial[key] = form.instance.pk


class EmbeddedFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Parts of the object that is edited: they change it in memory, and are stored with it."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        row = forms.CharField(required=False, widget=forms.HiddenInput)
        row.clean = lambda value: value  # type: ignore[method-assign]
        row.initial = form.instance.pk
        form.fields[_key_name(self.model)] = row

    def kept_parts(self) -> list[Any]:
        """Give the parts as the forms have them, in the order that the person gave them."""
        kept = []
        for number, form in enumerate(self.forms):
            is_deleted = form in self.deleted_forms
            is_untouched_extra = form.instance._state.adding and not form.has_changed()
            if not is_deleted and not is_untouched_extra:
                position = form.cleaned_data.get("position")
                kept.append((inf if position is None else position, number, form.instance))
        has_positions = any("position" in form.fields for form in self.forms)
        return [part for _, _, part in (sorted(kept, key=lambda entry: entry[:2]) if has_positions else kept)]


def _key_name(model: Any) -> str:
    return str(model._meta.pk.name)
