from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import SimpleLazyObject

from images.regions import regions_of

from . import nav

if TYPE_CHECKING:
    from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """What the frame around every page shows; looked up only when a template asks for it."""
    return {"frame": SimpleLazyObject(lambda: Frame(request))}


class Frame:
    def __init__(self, request: HttpRequest) -> None:
        match = request.resolver_match
        code = match.kwargs.get("region") if match else None
        self.regions = regions_of(request)
        self.region = next((r for r in self.regions if r.code == code), self.regions[0])
        self.nav = nav.items(self.region, request.path)
