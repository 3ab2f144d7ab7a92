from tests.staff.people import admin, merchandiser, supporter, viewer

__all__ = ["admin", "merchandiser", "supporter", "viewer"]
