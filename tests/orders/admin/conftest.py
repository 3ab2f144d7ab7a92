from tests.staff.people import admin, supporter, viewer

__all__ = ["admin", "supporter", "viewer"]
