"""A catalog of a million datasets, of which a thousand changed: how long a plan takes, and how much memory."""

from __future__ import annotations

import json
import sys
from statistics import median

from benchmarks.figures import Claim, Figures, median_ratio, number, spread
from benchmarks.place import Place, execute
from benchmarks.planning_run import BEFORE, FILES, SEASON, SEASONS
from benchmarks.process import Failed, measure

DATASETS, CHANGED = 1_000_000, 1_000
MOST_SECONDS, MOST_MB = 5.0, 300
SEEN = json.dumps(dict.fromkeys(FILES, BEFORE))
FILL = (
    f"""
    insert into lake.dataset (
        source, dataset_type, identifier, keys, state, seen, settled_at, checked_at, current_revision,
        current_activation
    )
    select
        'statsbomb', 'match',
        'competition_id=' || n / {SEASON} / {SEASONS} || '/season_id=' || n / {SEASON} || '/match_id=' || n,
        jsonb_build_object(
            'competition_id', (n / {SEASON} / {SEASONS})::text, 'season_id', (n / {SEASON})::text, 'match_id', n::text
        ),
        'complete', '{SEEN}', '2026-08-12 00:00+00', '2026-11-19 00:00+00', 1,
        n + 1
    from generate_series(0, {DATASETS - 1}) as n
    """,
    """
    insert into lake.revision (dataset_id, revision, state, created_at)
    select dataset_id, 1, 'good', now() from lake.dataset
    """,
    """
    insert into lake.activation (activation, dataset_id, revision, parser_version, reason, activated_at, loaded_at)
    select current_activation, dataset_id, 1, 1, 'commit', now(), now() from lake.dataset
    """,
    "vacuum analyze",
    "checkpoint",
)


def bench(place: Place) -> list[Figures]:
    """Measure plans of such a catalog, then the least that the server needs for the same candidates."""
    settings = place.settings()
    execute(settings.catalog, *FILL)
    numbers = [str(DATASETS), str(CHANGED)]
    argv = [sys.executable, "-m", "benchmarks.planning_run"]
    plan = measure([*argv, "plan", settings.catalog, *numbers])
    bare = measure([*argv, "bare", settings.catalog, *numbers])
    ours, least = json.loads(plan.output), json.loads(bare.output)
    wrong = any(count != [CHANGED, 0, CHANGED] for count in ours["counts"]) or set(least["counts"]) != {CHANGED}
    if wrong:
        raise Failed(f"planned, withdrawn, in lanes: {ours['counts']}; joined: {least['counts']}")
    ratio = median_ratio(ours["seconds"], least["seconds"])
    return [
        Figures(
            title=f"planning: {DATASETS:,} datasets, of which {CHANGED:,} changed",
            header=("way", "seconds", "datasets a second", "peak MiB"),
            rows=[
                (name, spread(found["seconds"]), spread(DATASETS / s for s in found["seconds"]), memory)
                for name, found, memory in (
                    ("plan and lanes", ours, number(plan.peak_mb)),
                    ("bare COPY of ready-made text, one join", least, ""),
                )
            ],
            given=(
                "Generated rows in catalog and candidates: matches of two files, each with a version. A plan writes "
                "what became of every candidate, claims the changed ones, finds what is withdrawn, and divides the "
                f"work into lanes; {number(ours['making'])} s of it are the making of the candidates, which stands for "
                f"the source's discover. The join says only which candidates are not as they were. A plan takes "
                f"{number(ratio)} times as long. One process each, {len(ours['seconds'])} times."
            ),
            claims=(
                Claim("seconds of a plan", median(ours["seconds"]), MOST_SECONDS, at_least=False),
                Claim("peak MiB of the process that plans", plan.peak_mb, MOST_MB, at_least=False),
                Claim("a plan, times the bare COPY and join", ratio, 4, at_least=False),
            ),
        )
    ]
