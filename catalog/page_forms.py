"""Forms of the staff's pages of categories and collections."""

from typing import Any

from django import forms
from django.utils.text import get_text_list, slugify
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.admin_forms import category_choices
from catalog.models import Category
from catalog.tree import Tree
from catalog.validation import MAX_SLUG_LENGTH, MAX_TITLE_LENGTH
from cloudcart.dynamo_admin.audit import tell_last_change
from cloudcart.dynamo_admin.forms import CONFLICT_ADVICE

SEEN = "seen"


class PageForm(forms.Form):
    """What categories and collections have alike."""

    name = forms.CharField(max_length=MAX_TITLE_LENGTH, widget=UnfoldAdminTextInputWidget)
    slug = forms.CharField(
        label="Address",
        max_length=MAX_SLUG_LENGTH,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="The end of the page's address; made of the name if left empty. The former address leads on.",
    )
    description = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
    seo_title = forms.CharField(label="Title for search engines", required=False, widget=UnfoldAdminTextInputWidget)
    seo_description = forms.CharField(
        label="Description for search engines", required=False, widget=UnfoldAdminTextInputWidget
    )

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["slug"] = cleaned.get("slug") or slugify(cleaned.get("name", ""))[:MAX_SLUG_LENGTH].strip("-")
        return cleaned

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != SEEN]

    @property
    def change_message(self) -> str:
        """What the history says of this change: "Changed name and address."."""
        labels = [(self.fields[name].label or name).lower() for name in self.changed_data]
        return f"Changed {get_text_list(labels, 'and')}." if labels else "Saved without a change."

    def is_current(self, stored: str, *, label: str, key: str) -> bool:
        """Whether nobody saved the page since the form showed it; if somebody did, the form tells who.

        Sent once more, it replaces what they saved, knowingly.

        :param stored: what `seen` is if the form is rendered now.
        :param label: the model that the history knows the page by, ``catalog.category``; ``key`` which one.
        """
        if self.cleaned_data[SEEN] == stored:
            return True
        self.add_error(None, f"{tell_last_change(label, key)} {CONFLICT_ADVICE}")
        data: Any = self.data
        self.data = data.copy()
        self.data[SEEN] = stored  # type: ignore[index]
        return False

    def copy_to(self, page: Any) -> None:
        """Put what was typed onto a category or collection."""
        for name in ("name", "description", "seo_title", "seo_description"):
            setattr(page, name, self.cleaned_data[name])


class CategoryForm(PageForm):
    parent_id = forms.ChoiceField(label="Below", required=False, widget=UnfoldAdminSelectWidget)
    field_order = ("name", "parent_id", "slug")

    def __init__(self, *args: Any, tree: Tree, category: Category | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        below = {part.category_id for part in tree.subtree_of(category.category_id)} if category else set()
        choices = [(key, path) for key, path in category_choices(tree) if key not in below]
        self.fields["parent_id"].choices = choices  # type: ignore[attr-defined]
