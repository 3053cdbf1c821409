"""HTTP in: links to unsubscribe, Twilio's webhook, and what a store's servers may ask."""

from collections.abc import Mapping
from pathlib import Path

from starlette.types import ASGIApp

from libs.http.catalogue import COMMON_FILE, Catalogue
from libs.http.documented import documented
from libs.http.health import Check
from libs.postgres.errors import OUTAGES
from services.notifier.web import (
    bounces,
    call_off,
    callbacks,
    cart_links,
    chat_links,
    confirming,
    contents,
    coupons,
    customers,
    exports,
    hand_over,
    hidden_links,
    messages,
    opens,
    pauses,
    preferences,
    preview,
    preview_send,
    provider_events,
    suppressions,
    template_drafts,
    templates,
    unsubscribing,
    webhooks,
)
from services.notifier.web.deps import Services
from services.notifier.web.monthly import pages as monthly

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
            messages.router,
            call_off.router,
            hand_over.router,
            customers.router,
            chat_links.router,
            bounces.router,
            suppressions.router,
            exports.router,
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
