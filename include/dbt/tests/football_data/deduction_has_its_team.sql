-- A deduction from a team that its season, loaded here, does not know: the name is not written as the site writes it
{{ config(severity='warn') }}

select
    deduction.division,
    deduction.season,
    deduction.team
from {{ ref('football_data__points_deduction') }} as deduction
inner join {{ ref('football_data__league_table') }} as league_table
    on deduction.division = league_table.division and deduction.season = league_table.season
group by deduction.division, deduction.season, deduction.team
having not bool_or(deduction.team = league_table.team)
