-- grain: one row per school and kind of record that it is known not to send, as of the last week.
select org.name, unknown.kind
from fresh.unknown_weeks as unknown
join fresh.orgs as org on org.org_id = unknown.school_id
where
    unknown.is_named
    and (unknown.kind <> 'marks' or exists (from fresh.results))  -- else a note says so of all schools
    and unknown.week_start = (
        select max(week_start)
        from fresh.unknown_weeks
        where week_start + 6 <= least((select last_day from data_end), getvariable('today') - 1)
    )
order by all
