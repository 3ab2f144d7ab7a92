from typing import Any, ClassVar

from cloudcart.dynamo_admin.errors import SaveRefused
from cloudcart.staff.model_admin import StaffModelAdmin, StaffTabularInline
from tests.dynamo_admin.shelf import Book, Edition


class EditionInline(StaffTabularInline):
    model = Edition
    fields = ("name", "year", "position")


class BookAdmin(StaffModelAdmin):
    list_display = ("title", "state", "pages")
    list_editable = ("pages",)
    list_filter = ("state",)
    search_fields = ("search_text__contains",)
    list_per_page = 3
    inlines: ClassVar[list[Any]] = [EditionInline]
    actions = ("mark_used",)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(request.user.has_perm("staff.delete_book"))

    def store(self, request: Any, obj: Any, *, change: bool, note: Any) -> None:
        if obj.title == "Forbidden":
            raise SaveRefused(["This book is not allowed."])
        super().store(request, obj, change=change, note=note)

    def mark_used(self, request: Any, queryset: Any) -> None:
        def act(book: Book) -> None:
            if book.title == "Stubborn":
                raise SaveRefused(["It stays new."])
            book.state = "used"
            book.save()

        self.act_on_each(request, queryset, act, done="marked as used")
