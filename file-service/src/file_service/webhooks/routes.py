"""Webhooks: who is told of what happens to an account's files."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Reader, Writer
from file_service.webhooks.deliveries import DeliveryLog
from file_service.webhooks.schemas import DeliveryOut, NewWebhook, NewWebhookOut, WebhookChange, WebhookOut
from file_service.webhooks.service import Webhooks
from strongroom.web.pages import Cursor, Limit, Page, decode_uuid_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/files/webhooks", tags=["webhooks"])

WebhooksDep = Annotated[Webhooks, provided(Webhooks)]
DeliveriesDep = Annotated[DeliveryLog, provided(DeliveryLog)]


@router.post("", status_code=201)
async def create(wanted: NewWebhook, who: Writer, webhooks: WebhooksDep) -> NewWebhookOut:
    """What happens from now on is posted there, signed (Standard Webhooks), until it has arrived; at least once.

    What is about the same file comes in order.
    """
    return NewWebhookOut.of_new(await webhooks.create(who.id, wanted.wish()))


@router.get("")
async def listing(who: Reader, webhooks: WebhooksDep, limit: Limit = 50, cursor: Cursor = None) -> Page[WebhookOut]:
    """Newest first."""
    rows = await webhooks.listed(who.id, before=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(rows, limit, show=WebhookOut.of, cursor=lambda webhook: encode_cursor(str(webhook.id)))


@router.get("/{webhook_id}")
async def describe(webhook_id: UUID, who: Reader, webhooks: WebhooksDep) -> WebhookOut:
    return WebhookOut.of(await webhooks.get(who.id, webhook_id))


@router.patch("/{webhook_id}")
async def change(webhook_id: UUID, wanted: WebhookChange, who: Writer, webhooks: WebhooksDep) -> WebhookOut:
    """What is disabled is told nothing. Enabled again, it goes on from now, or from where it was (`resume`)."""
    return WebhookOut.of(await webhooks.change(who.id, webhook_id, wanted.change()))


@router.delete("/{webhook_id}", status_code=204)
async def remove(webhook_id: UUID, who: Writer, webhooks: WebhooksDep) -> None:
    """With its log. What is not sent yet, is not."""
    await webhooks.remove(who.id, webhook_id)


@router.post("/{webhook_id}/secret")
async def rotate(webhook_id: UUID, who: Writer, webhooks: WebhooksDep) -> NewWebhookOut:
    """A new secret. For 24 hours, messages have a signature by the one before too; a second rotation ends that."""
    return NewWebhookOut.of_new(await webhooks.rotate(who.id, webhook_id))


@router.get("/{webhook_id}/deliveries")
async def delivery_log(
    webhook_id: UUID, who: Reader, deliveries: DeliveriesDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[DeliveryOut]:
    """What was sent, or is to be, the newest first. Kept for 30 days after it ended, 10,000 at most."""
    rows = await deliveries.listed(who.id, webhook_id, before=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(rows, limit, show=DeliveryOut.of, cursor=lambda delivery: encode_cursor(str(delivery.id)))


@router.post("/{webhook_id}/deliveries/{delivery_id}/redeliver", status_code=202)
async def redeliver(webhook_id: UUID, delivery_id: UUID, who: Writer, deliveries: DeliveriesDep) -> DeliveryOut:
    """It is sent again, by the same `webhook-id`, whether it had arrived or not."""
    return DeliveryOut.of(await deliveries.redeliver(who.id, webhook_id, delivery_id))


@router.post("/{webhook_id}/test", status_code=202)
async def send_test(webhook_id: UUID, who: Writer, deliveries: DeliveriesDep) -> DeliveryOut:
    """A `webhook.test` event is sent, once. Not while another one is on its way."""
    return DeliveryOut.of(await deliveries.test(who.id, webhook_id))
