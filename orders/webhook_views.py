from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cloudcart.publishing import PublishFailed
from orders import publishing
from orders.gateway import BadSignature, get_gateway
from orders.webhooks import KINDS, LARGEST_MESSAGE

logger = structlog.get_logger(__name__)


@never_cache
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_MESSAGE:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This message is too large.")
    payload = request.read(LARGEST_MESSAGE + 1)
    if len(payload) > LARGEST_MESSAGE:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This message is too large.")
    try:
        event = get_gateway().parse_webhook(payload, request.headers.get("Stripe-Signature", ""))
    except BadSignature as error:
        logger.warning("webhook.refused", reason=str(error.__cause__))
        return _answer(HTTPStatus.BAD_REQUEST, str(error))
    if event.kind not in KINDS:
        return _answer(HTTPStatus.OK, "Not for this shop.")
    try:
        publishing.publish_payment_event(event)
    except PublishFailed:
        # Stripe sends it again, for three days.
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "Please send it again.")
    logger.info("webhook.accepted", event_id=event.event_id, kind=event.kind, number=event.order_number)
    return _answer(HTTPStatus.OK, "Thank you.")


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type="text/plain", status=status)
