-- Note that a reader is done with the events up to one. Parameters: reader_id, event_id.
-- Not flushed to disk at once: a server that fails just now has its last events read again, which is allowed.
update lake.event_reader as r set cursor = %(event_id)s, moved_at = now()
from set_config('synchronous_commit', 'off', true)
where r.reader_id = %(reader_id)s and r.cursor < %(event_id)s
returning r.cursor;
