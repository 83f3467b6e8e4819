-- grain: one row per student-week asked about, in order: what its flags add up to this week.
with

flags as (
    select
        row_no,
        coalesce(flag_a(att_absence_rate_ytd, $chronic_rate), false) as flag_a,
        coalesce(
            flag_b(
                was_removed(dsc_days_removed_ytd, dsc_incidents_ytd), dsc_incidents_ytd, $incidents
            ),
            false
        ) as flag_b,
        coalesce(flag_c(grd_courses_failing), false) as flag_c
    from asked
),

final as (
    select
        row_no,
        severity_of(flag_a, flag_b, flag_c, $weight_a, $weight_b, $weight_c) as severity
    from flags
)

select severity from final order by row_no
