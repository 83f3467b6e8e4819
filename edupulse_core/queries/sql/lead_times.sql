-- grain: one row, over the students of the alarms ($student_ids, each with a Monday in $mondays) who
-- had no flag in the week of the alarm and got one later: how long before it the alarm was.
with

alarms as (
    select unnest($student_ids::varchar[]) as student_id, unnest($mondays::date[]) as monday
),

flagged as (
    select features.student_id, features.week_start
    from features
    join alarms using (student_id)
    where features.week_start >= alarms.monday
        and (
            coalesce(flag_a(features.att_absence_rate_ytd, $chronic_rate), false)
            or coalesce(
                flag_b(
                    was_removed(features.dsc_days_removed_ytd, features.dsc_incidents_ytd),
                    features.dsc_incidents_ytd,
                    $incidents
                ),
                false
            )
            or coalesce(flag_c(features.grd_courses_failing), false)
        )
),

first_flags as (
    select alarms.student_id, min(flagged.week_start) - alarms.monday as days
    from alarms
    join flagged using (student_id)
    group by alarms.student_id, alarms.monday
),

final as (
    select avg(days)::double as mean_days, count(*) as n_students
    from first_flags
    where days > 0
)

select * from final
