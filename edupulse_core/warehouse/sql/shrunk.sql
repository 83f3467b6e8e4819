-- grain: one row per school year for which a bulk file has less than $share of the rows that it
-- replaces, and at least $fewest fewer. Runs before the file is merged.
with

stood as (   -- the file's rows so far, by the day that puts them into a school year
    select coalesce(old.score_date, item.due_date) as date
    from earlier.results as old
    left join earlier.line_items as item using (line_item_id)
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
    union all
    select coalesce(old.begin_date, terms.first_start)
    from earlier.enrollments as old
    left join class_terms as terms using (class_id)
    where getvariable('file') = 'enrollments'
),

stood_in as (
    select covered.start_date, count(*) as n
    from covered
    join stood on stood.date >= covered.start_date and stood.date < covered.end_date
    group by covered.start_date
),

brought_in as (
    select covered.start_date, count(*) as n
    from covered
    join accepted on accepted.anchor >= covered.start_date and accepted.anchor < covered.end_date
    group by covered.start_date
),

final as (
    select
        coalesce('school year ' || year.school_year, 'the time before the first school year')
            as stretch,
        brought_in.n as n_brought,
        stood_in.n as n_stood
    from brought_in
    join stood_in using (start_date)
    left join fresh.school_years as year using (start_date)
    where
        brought_in.n < $share * stood_in.n
        and stood_in.n - brought_in.n >= $fewest
    order by start_date
)

from final
