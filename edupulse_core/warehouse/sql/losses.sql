-- grain: one row per measure, school and school year of which too much would be lost: more than
-- $share and at least $fewest, or all of at least $few. The days are those of the weeks that lose.
with

sides as (
    select
        measure,
        school_id,
        week_start,
        coalesce(sum(n) filter (side = 'before'), 0)::bigint as n_before,
        coalesce(sum(n) filter (side = 'after'), 0)::bigint as n_after
    from standing
    group by all
),

placed as (
    select sides.*, year.school_year
    from sides
    asof left join fresh.school_years as year on sides.week_start + 6 >= year.start_date
),

final as (
    select
        placed.measure,
        coalesce(min(org.name), min(was.name), placed.school_id) as school,
        placed.school_year,
        sum(n_before)::bigint as stood,
        sum(n_after)::bigint as stands,
        min(week_start) filter (n_after < n_before) as first_day,
        max(week_start) filter (n_after < n_before) + 6 as last_day
    from placed
    left join fresh.orgs as org on org.org_id = placed.school_id
    left join earlier.orgs as was on was.org_id = placed.school_id
    group by placed.measure, placed.school_id, placed.school_year
)

select *
from final
where
    stood - stands >= $fewest and stood - stands > $share * stood
    or stands = 0 and stood >= $few
order by school, school_year, stood - stands desc, measure
