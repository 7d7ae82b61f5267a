# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of an OpenTimelineIO file, as JSON.

Names and fields are those the OpenTimelineIO project publishes for the schemas
Timeline.1, Stack.1, Track.1, Clip.2, Gap.1, Transition.1, Marker.2,
ExternalReference.1, MissingReference.1, TimeRange.1 and RationalTime.1
(https://opentimelineio.readthedocs.io, read 2026-11).  Nothing here knows films.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

__all__ = [
    "clip", "external", "gap", "marker", "missing", "stack", "time", "time_range", "timeline",
    "track", "transition",
]  # fmt: skip

Object = dict[str, Any]
Metadata = Mapping[str, Any]


def time(value: int, rate: Fraction | int) -> Object:
    """``value`` units of which there are ``rate`` in a second."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}


def time_range(start: int, duration: int, rate: Fraction | int) -> Object:
    """``duration`` units from ``start`` on."""
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": time(duration, rate),
        "start_time": time(start, rate),
    }


def timeline(name: str, start: Object, tracks: Object, metadata: Metadata) -> Object:
    """A whole film; ``start`` is the time code of its first frame."""
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": dict(metadata),
        "name": name,
        "global_start_time": start,
        "tracks": tracks,
    }


def stack(name: str, children: Sequence[Object], markers: Sequence[Object]) -> Object:
    """Things at the same time, the last on top."""
    return _item("Stack.1", name, None, {}, markers) | {"children": list(children)}


def track(name: str, kind: str, children: Sequence[Object], metadata: Metadata) -> Object:
    """Things one after the other; ``kind`` is Video or Audio."""
    return _item("Track.1", name, None, metadata) | {"children": list(children), "kind": kind}


def clip(name: str, seen: Object, media: Object, metadata: Metadata) -> Object:
    """The part ``seen`` of its media."""
    return _item("Clip.2", name, seen, metadata) | {
        "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def gap(length: Object) -> Object:
    """Nothing, for a while."""
    return _item("Gap.1", "", length, {})


def transition(name: str, kind: str, before: Object, after: Object, metadata: Metadata) -> Object:
    """A transition that takes ``before`` of what precedes the cut and ``after`` of what follows."""
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": dict(metadata),
        "name": name,
        "in_offset": before,
        "out_offset": after,
        "transition_type": kind,
    }


def marker(name: str, colour: str, marked: Object, metadata: Metadata) -> Object:
    """A named stretch; ``colour`` is one of OpenTimelineIO's, such as GREEN."""
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": dict(metadata),
        "name": name,
        "color": colour,
        "marked_range": marked,
        "comment": "",
    }


def external(name: str, url: str, available: Object, metadata: Metadata) -> Object:
    """A media file, by a URL that may be relative to the timeline's own file."""
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": dict(metadata),
        "name": name,
        "available_range": available,
        "available_image_bounds": None,
        "target_url": url,
    }


def missing(name: str) -> Object:
    """Media that is not there."""
    return {
        "OTIO_SCHEMA": "MissingReference.1",
        "metadata": {},
        "name": name,
        "available_range": None,
        "available_image_bounds": None,
    }


def _item(
    schema: str,
    name: str,
    source_range: Object | None,
    metadata: Metadata,
    markers: Sequence[Object] = (),
) -> Object:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": dict(metadata),
        "name": name,
        "source_range": source_range,
        "effects": [],
        "markers": list(markers),
        "enabled": True,
        "color": None,
    }
