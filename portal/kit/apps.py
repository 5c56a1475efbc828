from django.apps import AppConfig


class KitConfig(AppConfig):
    """Present for its template tags; it has no models."""

    name = "portal.kit"
    label = "kit"
