"""Distance over the ground between two stations, in whole metres."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_009  # mean radius, IUGG


def haversine_m(lat1: float, lon1: float, lat2: float, lon2: float) -> int:
    """Great-circle metres, rounded down, since a reward must not grow by rounding."""
    phi1, phi2 = radians(lat1), radians(lat2)
    half_phi = sin((phi2 - phi1) / 2)
    half_lambda = sin(radians(lon2 - lon1) / 2)
    chord = half_phi * half_phi + cos(phi1) * cos(phi2) * half_lambda * half_lambda
    return int(2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord))))
