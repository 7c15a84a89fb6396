"""The API under ``/api/v1``: the same actions and questions as the pages, typed from the catalog.

``build`` makes one NinjaAPI per Snapshot; ``entry`` signs in, finds the route and turns every
refusal into problem details (RFC 9457). To add a room's routes: a file here with ``router()``, and
its name in ``build.ROOMS``.
"""
