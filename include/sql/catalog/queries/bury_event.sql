-- Put an event on a reader's list of dead letters. Parameters: reader_id, event_id, error, attempts.
insert into lake.event_dead_letter as d (reader_id, event_id, error, attempts)
values (%(reader_id)s, %(event_id)s, %(error)s, %(attempts)s)
on conflict (reader_id, event_id) do update
    set error = excluded.error, attempts = d.attempts + excluded.attempts, failed_at = now();
