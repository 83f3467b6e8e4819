-- grain: one row per school year so far, with its day that is as far into it as $as_of is into its own.
with

this_year as (
    select ($as_of::date - start_date)::integer as days_in
    from school_years
    where start_date <= $as_of::date
    order by start_date desc
    limit 1
)

select school_year, (start_date + days_in)::date as as_of
from school_years
cross join this_year
where start_date <= $as_of::date
order by school_year
