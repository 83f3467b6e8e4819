-- grain: one row per student whom the viewer may see and the filters keep; one page of them.
with

matching as (
    select board.*
    from board
    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)
    where ($tiers is null or list_contains($tiers::varchar[], coalesce(tier, 'unscored')))
        and ($flags is null or list_contains($flags::integer[], n_flags))
        and ($grade is null or grade = $grade)
        and ($school is null or school_id = $school)
        and ($driver is null or driver = $driver or starts_with(driver, $driver || '_'))
        and ($class_id is null or student_id in (
            select student_id from board_classes where class_id = $class_id
        ))
        and ($text is null or fits($text, name, student_id))
),

final as (
    select
        student_id,
        name,
        grade,
        school,
        tier,
        uncertain,
        risk_score,
        round(change, 2) + 0 as change,  -- never -0
        attendance_weeks,
        round(1 - att_absence_rate_ytd, 3) as attendance,
        grd_courses_failing as courses_failing,
        dsc_incidents_ytd as incidents,
        factors,
        flag_a,
        flag_b,
        flag_c,
        att_is_chronic,
        grd_courses_failing,
        dsc_incidents_ytd,
        dsc_days_removed_ytd,
        n_flags,
        has_history,
        count(*) over () as n_matching
    from matching
    order by
        case $sort
            when 'risk' then -risk_score
            when 'abc' then -abc_score
            when 'change' then -change
            when 'attendance' then -att_absence_rate_ytd
            when 'failing' then -grd_courses_failing
            when 'incidents' then -dsc_incidents_ytd
        end nulls last,
        case when $sort = 'name' then sort_name end,
        -risk_score nulls last,
        -abc_score,
        -att_absence_rate_ytd nulls last,
        sort_name,
        student_id
    limit $limit offset $offset
)

select * from final
