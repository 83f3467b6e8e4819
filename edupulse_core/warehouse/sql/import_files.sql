-- grain: one row per file that a bundle may hold, in import order.
insert into fresh.import_files
select unnest($names), unnest($present), unnest($read), unnest($imported), unnest($rejected)
