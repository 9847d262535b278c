"""Mail of our own, wired from the settings."""

from __future__ import annotations

from datetime import timedelta

from entrepot.app.settings import Settings
from entrepot.domain.mail.headers import sender_address
from entrepot.domain.mail.server import mail_server
from entrepot.features.people.mail.mail import Mail
from entrepot.features.people.mail.mailbox import Mailbox
from entrepot.features.people.mail.rendering import Renderer, link_hosts


def mail_of(settings: Settings) -> Mail | None:
    """None without a server that takes mail."""
    if not settings.smtp_url:
        return None
    from entrepot.features.people.mail.posting import PostOffice

    office = PostOffice(mail_server(settings.smtp_url), settings.smtp_authorities)
    renderer = Renderer(settings.mail_templates, link_hosts(settings.mail_links))
    return Mail(sender_address(settings.mail_from), renderer, office)


def mailbox_of(settings: Settings) -> Mailbox:
    """Links in it lead anywhere: nobody reads it but who develops an application."""
    renderer = Renderer(settings.mail_templates, link_hosts=None)
    return Mailbox(renderer, settings.mailbox_messages, timedelta(days=settings.mailbox_days))
