"""What the site computes of totals: advanced figures, and where shots came from.

Shares and percentages follow the site's glossary (https://www.basketball-reference.com/about/glossary.html). Ratings
that need more than box scores (PER, win shares, box plus/minus) are only like the true ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.generated.basketball_reference.chance import Chance
from simulator.generated.basketball_reference.lines import game_score
from simulator.generated.basketball_reference.records import (
    Counts,
    PlayerAdvanced,
    PlayerShooting,
    PlayerTotals,
    Zone,
)
from simulator.generated.basketball_reference.seasons import Tally, context, possessions

# Shares of two-pointers from 0-3, 3-10, 10-16 and more feet, and how often they go in
_FROM = (0.48, 0.3, 0.15, 0.07)
_GOES_IN = (0.68, 0.44, 0.42, 0.4)
_FEET = (1.6, 6.2, 12.8, 18.4, 25.1)


def advanced(rows: Iterable[PlayerTotals], found: Tally) -> list[PlayerAdvanced]:
    """Return the advanced figures of totals, in their order."""
    totals = list(rows)
    combined = context(found, totals)
    rate = sum(map(_worth, found.own.values())) / max(1, sum(counts.seconds for counts in found.own.values()))
    return [
        _advanced(row, *(combined[row.player_id] if row.is_combined else _sides(found, row.team_id)), rate)
        for row in totals
    ]


def shooting(seed: int, rows: Iterable[PlayerTotals]) -> list[PlayerShooting]:
    """Return where the shots of totals came from, in their order."""
    return [_shooting(Chance(seed, "shooting", row.player_id), row) for row in rows]


def _sides(found: Tally, team: str) -> tuple[Counts, Counts]:
    return found.own[team], found.opponent[team]


def _worth(counts: Counts) -> float:
    """Return the sum of game scores."""
    return game_score(list(counts[1:]))


def _advanced(row: PlayerTotals, own: Counts, theirs: Counts, rate: float) -> PlayerAdvanced:
    c = row.counts
    # The share of the team's time that he played, as all "while on the floor" figures have it
    floor = c.seconds / (own.seconds / 5)
    tries = c.fga + 0.44 * c.fta
    per = 15 * _worth(c) / c.seconds / rate
    minutes = c.seconds / 60
    shares = (0.1 + (per - 15) * 0.0085) * minutes / 48
    above = (per - 15) * 0.45
    return PlayerAdvanced(
        row,
        per=round(per, 1),
        ts_pct=_share(c.pts, 2 * tries),
        fg3a_per_fga_pct=_share(c.fg3a, c.fga),
        fta_per_fga_pct=_share(c.fta, c.fga),
        orb_pct=_percent(c.orb, floor * (own.orb + theirs.drb)),
        drb_pct=_percent(c.drb, floor * (own.drb + theirs.orb)),
        trb_pct=_percent(c.trb, floor * (own.trb + theirs.trb)),
        ast_pct=_percent(c.ast, floor * own.fg - c.fg),
        stl_pct=_percent(c.stl, floor * possessions(theirs)),
        blk_pct=_percent(c.blk, floor * (theirs.fga - theirs.fg3a)),
        tov_pct=_percent(c.tov, tries + c.tov) if tries + c.tov else None,
        usg_pct=_percent(tries + c.tov, floor * (own.fga + 0.44 * own.fta + own.tov)),
        ows=round(shares * 0.6, 1),
        dws=round(shares * 0.4, 1),
        obpm=round(above * 0.8, 1),
        dbpm=round(above * 0.2, 1),
        vorp=round((above + 2) * floor * row.games / 82, 1),
    )


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 3) if whole else None


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 1) if whole > 0 else 0.0


def _shooting(chance: Chance, row: PlayerTotals) -> PlayerShooting:
    c = row.counts
    attempted = _split(chance, c.fga - c.fg3a, _FROM, [c.fga] * 4)
    wanted = tuple(tries * often + 0.01 for tries, often in zip(attempted, _GOES_IN, strict=True))
    made = _split(chance, c.fg - c.fg3, wanted, attempted)
    zones = [Zone(*pair) for pair in zip(made, attempted, strict=True)]
    feet = sum(tries * far for tries, far in zip((*attempted, c.fg3a), _FEET, strict=True))
    heaves = min(c.fg3a - c.fg3, c.fg3a // 120)
    corner = round((c.fg3a - heaves) * (0.15 + 0.25 * chance.unit()))
    dunks = round(attempted[0] * 0.35 * chance.unit())
    return PlayerShooting(
        row,
        average_distance=round(feet / c.fga, 1) if c.fga else None,
        zones=(zones[0], zones[1], zones[2], zones[3]),
        assisted_fg2=round((c.fg - c.fg3) * (0.3 + 0.4 * chance.unit())),
        assisted_fg3=round(c.fg3 * (0.7 + 0.3 * chance.unit())),
        dunks=Zone(min(made[0], round(dunks * 0.93)), dunks),
        corner_threes=Zone(min(c.fg3, round(corner * 0.39)), corner),
        heaves=Zone(0, heaves),
    )


def _split(chance: Chance, total: int, weights: Iterable[float], limits: list[int]) -> list[int]:
    """Split a number by weights, nowhere above the limit; the parts sum to it."""
    bent = [weight * (0.6 + 0.8 * chance.unit()) for weight in weights]
    parts = [min(limit, int(total * weight / sum(bent))) for weight, limit in zip(bent, limits, strict=True)]
    for place, limit in enumerate(limits):
        parts[place] += min(limit - parts[place], total - sum(parts))
    return parts
