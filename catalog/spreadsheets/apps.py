from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "catalog.spreadsheets"
    label = "spreadsheets"
