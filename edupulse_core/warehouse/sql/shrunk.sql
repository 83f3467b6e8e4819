-- grain: one row per school year for which a bulk file has less than $share of the rows that it
-- replaces, and at least $fewest fewer. Runs before the file is merged.
with

years as (   -- without gaps: what lies before the first year, and the open end of the last
    select school_year, start_date, coalesce(end_date, 'infinity'::date) as end_date
    from fresh.school_years
    union all
    select null, '-infinity'::date, coalesce(min(start_date), 'infinity'::date)
    from fresh.school_years
),

stood as (   -- the file's rows so far, by the day that puts them into a stretch
    select coalesce(item.due_date, was.due_date, old.score_date) as date
    from earlier.results as old
    left join fresh.line_items as item using (line_item_id)
    left join earlier.line_items as was using (line_item_id)
    where getvariable('file') = 'results'
    union all
    select due_date from earlier.line_items where getvariable('file') = 'lineItems'
    union all
    select date from earlier.attendance where getvariable('file') = 'attendance'
    union all
    select date from earlier.incidents where getvariable('file') = 'incidents'
    union all
    select date from earlier.withdrawals where getvariable('file') = 'withdrawals'
    union all
    select date from earlier.calendar where getvariable('file') = 'calendar'
),

stood_in as (
    select years.school_year, count(*) as n
    from covered
    join stood on stood.date >= covered.start_date and stood.date < covered.end_date
    join years on stood.date >= years.start_date and stood.date < years.end_date
    where covered.file = getvariable('file')
    group by years.school_year
),

brought_in as (
    select years.school_year, count(*) as n
    from accepted
    join years on accepted.anchor >= years.start_date and accepted.anchor < years.end_date
    group by years.school_year
),

final as (
    select
        coalesce('school year ' || stood_in.school_year, 'the time before the first school year')
            as stretch,
        coalesce(brought_in.n, 0) as n_brought,
        stood_in.n as n_stood
    from stood_in
    left join brought_in on brought_in.school_year is not distinct from stood_in.school_year
    where
        n_brought < $share * n_stood
        and n_stood - n_brought >= $fewest
    order by stood_in.school_year nulls first
)

from final
