from django.http import HttpRequest, HttpResponse


def order(request: HttpRequest, number: str) -> HttpResponse:
    return HttpResponse(number)
