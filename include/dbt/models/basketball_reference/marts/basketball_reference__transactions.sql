{{ config(indexes=[
    {'columns': ['transaction_id', 'place'], 'unique': True},
    {'columns': ['party_id']},
    {'columns': ['transaction_date']},
]) }}

select
    deal.transaction_id,
    coalesce(party.place, 0) as place,
    deal.season,
    deal.transaction_date,
    deal.date_text,
    deal.position,
    deal.kind,
    deal.description,
    party.kind as party_kind,
    party.party_id,
    party.party_name,
    party.direction,
    party.from_team_id,
    party.to_team_id
from {{ source('basketball_reference', 'league_transaction') }} as deal
left join {{ source('basketball_reference', 'transaction_party') }} as party
    on deal.transaction_id = party.transaction_id
