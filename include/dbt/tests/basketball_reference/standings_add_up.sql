-- What one team wins another loses, and what one scores another allows
select season
from {{ ref('basketball_reference__standings') }}
group by season
having
    sum(wins) <> sum(losses)
    or sum(home_wins) <> sum(away_losses)
    or sum(away_wins) <> sum(home_losses)
    or sum(overtime_wins) <> sum(overtime_losses)
    or abs(sum(net_points_per_game * games_played)) > 0.01 * sum(games_played)
