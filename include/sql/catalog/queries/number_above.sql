-- Take numbers from a sequence until it stands at one at least. It never goes back that way, whoever takes numbers
-- meanwhile. Parameters: sequence, number.
select count(nextval(%(sequence)s::regclass)) as taken
from generate_series(coalesce(pg_sequence_last_value(%(sequence)s::regclass), 0) + 1, %(number)s);
