-- The source's marts are older than its tables from now on. Parameter: source.
insert into fieldhouse.dirty (source, since, changed_at) values (%(source)s, now(), now())
on conflict (source) do update
    set changed_at = excluded.changed_at;
