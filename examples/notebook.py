# %% [markdown]
# # A season of StatsBomb's open data
#
# Runs cell by cell in Jupyter (jupytext) or VS Code, and as a script: `python examples/notebook.py`.
# It needs `pip install 'fieldhouse[notebook]'` and nothing else: without a word about where the lake is, it is made
# in `~/.local/share/fieldhouse`, with a Postgres of its own. The last notebook there that closes its lake stops it;
# after a kernel that was killed it runs until then.
#
# Data: StatsBomb open data, https://github.com/statsbomb/open-data, under its user agreement.

# %%
from fieldhouse import Lake

lake = Lake.open()
print(lake)

# %% [markdown]
# ## Which seasons are there?
# `sync=True` asks the provider for what is new or changed, and fetches that alone.

# %%
lake.datasets("statsbomb", "competitions", sync=True)
seasons = lake.table("statsbomb", "competition", format="pandas")
print(seasons[["competition_id", "season_id", "competition", "season"]].head(10).to_string(index=False))
chosen = {key: int(seasons[key][0]) for key in ("competition_id", "season_id")}

# %% [markdown]
# ## Matches, while the rest of the season still arrives
# `sync="stream"` yields what is here first, then each match as soon as it landed. Break off at any time: the next
# run goes on from there.

# %%
for match in lake.datasets("statsbomb", "match", sync="stream", **chosen):
    if match.current_revision is None:
        print(f"{match['match_id']}: {match.state}")
        continue
    events = match.table("event", "polars")
    shots = events.filter(events["type"] == "Shot").group_by("team", maintain_order=True)
    expected = {team[0]: round(part["shot_statsbomb_xg"].sum(), 2) for team, part in shots}
    print(f"{match['match_id']}: {events.height:,} events, expected goals {expected}")

# %% [markdown]
# ## All of it at once
# Every table of a source is there for DuckDB as `<source>.<table>`; only the columns that a query needs are read.

# %%
shooters = lake.sql(
    """
    select player, team, count(*) as shots, count(*) filter (where shot_outcome = 'Goal') as goals,
        round(sum(shot_statsbomb_xg), 2) as xg
    from statsbomb.event join statsbomb.match using (match_id)
    where type = 'Shot' and period < 5
    group by all order by goals desc, xg desc, player limit 10
    """
)
print(shooters.df().to_string(index=False))

# %% [markdown]
# ## One match, in kloppy
# From the very bytes that StatsBomb published, held against their sha256.

# %%
match = lake.datasets("statsbomb", "match", state="complete", **chosen)[0]
dataset = match.to_kloppy()
print(f"{match.name}: kloppy reads {len(dataset.records):,} events of {len(match.file('events.json')):,} bytes")

# %% [markdown]
# ## What it was before
# A correction is a new revision; the old one stays.

# %%
for revision in match.revisions():
    print(f"revision {revision.number}, {revision.created_at:%Y-%m-%d}: {revision.table('event').num_rows:,} events")

# %%
lake.close()
