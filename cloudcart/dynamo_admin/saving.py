"""How the admin saves: one write for the object, its parts and the entry of the audit table."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.contrib.admin.utils import model_ngettext
from django.http import HttpRequest

from cloudcart.dynamo_admin import audit, writing
from cloudcart.dynamo_admin.audit import Note
from cloudcart.dynamo_admin.errors import SaveRefused
from cloudcart.dynamo_admin.forms import EmbeddedFormSet


class SavingMixin:
    """Hooks of ModelAdmin around saving. A project overrides `store` and `discard` to use its own services."""

    def store(self, request: HttpRequest, obj: Any, *, change: bool, note: Note) -> None:
        """Write the object and the note in one transaction.

        :raises SaveRefused: if it must not be, with sentences for the person.
        """
        obj.item = obj.read_item = writing.put(obj.to_item(), is_new=not change, beside=[note.entry_for(obj)])

    def discard(self, request: HttpRequest, obj: Any, *, note: Note) -> None:
        """Delete the object and write the note in one transaction.

        :raises SaveRefused: if it must not be, with sentences for the person.
        """
        writing.remove(obj.full_item(), beside=[note.entry_for(obj)])

    def set_parts(self, obj: Any, part_model: Any, parts: Sequence[Any]) -> None:
        """Take over the parts of an inline into the object; nothing is stored yet."""
        obj.item = obj.to_item()
        setattr(obj.item, part_model.Dynamo.attribute, [part.to_part() for part in parts])

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.assign_key()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        if isinstance(formset, EmbeddedFormSet):
            self.set_parts(form.instance, formset.model, formset.kept_parts())

    def save_related(self: Any, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)
        message = self.construct_change_message(request, form, formsets, add=not change)
        note = Note(request.user, CHANGE if change else ADDITION, message)
        outcome = getattr(request, "_row_outcome", None)
        try:
            self.store(request, form.instance, change=change, note=note)
        except SaveRefused as refused:
            if outcome is None:
                raise
            outcome.refused.append(f"{form.instance}: {refused}")
        else:
            form.instance._state.adding = False
            if outcome is not None:
                outcome.saved += 1

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.discard(request, obj, note=Note(request.user, DELETION, []))

    def delete_queryset(self: Any, request: HttpRequest, queryset: Any) -> None:
        self.act_on_each(request, queryset, lambda obj: self.delete_model(request, obj), done="deleted")

    def act_on_each(self: Any, request: HttpRequest, queryset: Any, act: Any, *, done: str) -> int:
        """Do something to each selected object and tell what was done, and what was not, and why.

        :param act: does it, or raises `SaveRefused`; the others go on.
        :param done: the participle of what is done, as in "3 products were published".
        """
        count, refused = 0, []
        for obj in queryset:
            try:
                act(obj)
                count += 1
            except SaveRefused as error:
                refused.append(f"{obj}: {error}")
        if count:
            was = "was" if count == 1 else "were"
            self.message_user(request, f"{count} {model_ngettext(self.opts, count)} {was} {done}.", messages.SUCCESS)
        if refused:
            text = f"{len(refused)} could not be {done} and stayed as they were. " + " ".join(refused[:10])
            self.message_user(request, text, messages.WARNING)
        return count

    def tell_conflict(self, obj: Any) -> str:
        """Say who changed the object last, and when: one Query of the audit table, in this case only."""
        return audit.tell_last_change(obj._meta.label_lower, obj.pk)

    # The entry was written with the object.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None: ...
    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None: ...
    def log_deletion(self, request: HttpRequest, obj: Any, object_repr: str) -> None: ...
    def log_deletions(self, request: HttpRequest, queryset: Any) -> None: ...
