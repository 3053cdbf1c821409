"""HTTP in: links to unsubscribe, Twilio's webhook, and what a store's servers may ask."""

from collections.abc import Mapping
from pathlib import Path

from starlette.types import ASGIApp

from libs.http.catalogue import COMMON_FILE, Catalogue
from libs.http.documented import documented
from libs.http.health import Check
from libs.postgres.errors import OUTAGES
from services.notifier.web.coupons import coupons
from services.notifier.web.customers import chat_links, customers, exports, preference_changes, suppressions
from services.notifier.web.deps import Services
from services.notifier.web.messages import call_off, contents, hand_over, messages, pauses, replies
from services.notifier.web.providers import bounces, callbacks, provider_events, senders, webhooks
from services.notifier.web.recipients import (
    cart_links,
    confirming,
    hidden_links,
    monthly,
    opens,
    preferences,
    unsubscribing,
)
from services.notifier.web.templates import preview, preview_send, template_drafts, templates

CATALOGUE = Catalogue(COMMON_FILE, Path(__file__).with_name("problems.toml"))
"""Every kind of error that the pages and webhooks answer with."""
DESCRIPTION = """What recipients, providers and a store's servers ask of the service that sends reminders. Every refusal
is a problem document (RFC 9457) with a stable `type`; only the pages to unsubscribe speak to people alone."""


def application(services: Services, checks: Mapping[str, Check]) -> ASGIApp:
    """The web role's application, health and metrics included."""
    return documented(
        "Evercart: notifier",
        DESCRIPTION,
        services=services,
        routers=(
            unsubscribing.router,
            cart_links.router,
            hidden_links.router,
            opens.router,
            confirming.router,
            monthly.router,
            preferences.router,
            webhooks.reply_router(services.readers),
            provider_events.event_router(services.events),
            callbacks.router,
            senders.router,
            messages.router,
            replies.router,
            call_off.router,
            hand_over.router,
            customers.router,
            chat_links.router,
            bounces.router,
            suppressions.router,
            exports.router,
            preference_changes.router,
            pauses.router,
            coupons.router,
            contents.router,
            preview.router,
            preview_send.router,
            templates.router,
            template_drafts.router,
        ),
        checks=checks,
        catalogue=CATALOGUE,
        outages=OUTAGES,
    )
