"""Where people of the portal may sign in, too, as the settings have it."""

from __future__ import annotations

from entrepot.app.settings import Settings
from entrepot.domain.portal.elsewhere import Application, Elsewhere


def elsewhere_of(settings: Settings) -> dict[Elsewhere, Application]:
    """What this server is registered as there; nothing where it is not."""
    known = {
        Elsewhere.GITHUB: (settings.portal_github, settings.portal_github_url.rstrip("/")),
        Elsewhere.GOOGLE: (settings.portal_google, settings.portal_google_issuer),
    }
    return {each: Application(pair[0], pair[1], place) for each, (pair, place) in known.items() if pair}
