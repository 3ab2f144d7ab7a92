import os

import boto3
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

PAGE = "<!doctype html><title>Products</title><ul>{% for item in items %}<li>{{ item.title.S }}</li>{% endfor %}</ul>"


def products(request: HttpRequest) -> HttpResponse:
    """One query of DynamoDB by a client of boto3, and one template."""
    found = boto3.client("dynamodb").query(
        TableName=os.environ["BENCH_TABLE"],
        KeyConditionExpression="listing = :listing",
        ExpressionAttributeValues={":listing": {"S": os.environ["BENCH_LISTING"]}},
        Limit=24,
    )
    return HttpResponse(engines["django"].from_string(PAGE).render({"items": found["Items"]}))


urlpatterns = [path("products/", products)]
