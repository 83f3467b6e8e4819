-- grain: one row per (section that the viewer teaches now, student in it), with what stands out.
with

mine as (
    select distinct class_id
    from enrollment_spans as teaching
    where role = 'teacher' and list_contains($viewer_user_id::varchar[], user_id)
        and start_date <= $as_of::date and end_date > $as_of::date - 6
        and (   -- not one that went on without them
            end_date > (select arg_max(import_day, sequence) from imports)
            or not exists (
                from enrollment_spans as taught
                where taught.class_id = teaching.class_id
                    and taught.role = 'student'
                    and taught.end_date > teaching.end_date
            )
        )
),

work as (  -- due in the last four weeks in that section
    select
        line_items.class_id,
        results.student_id,
        count(*) filter (results.score_status = 'not submitted') as n_missing,
        count(*) as n_due
    from results
    join line_items using (line_item_id)
    join mine using (class_id)
    where line_items.due_date > $as_of::date - 28 and line_items.due_date <= $as_of::date
        and results.score_status <> 'exempt'
    group by all
),

silence as (  -- the last run of school days without attendance that had begun by then
    select school_id, max(first_day) as first_day
    from (select school_id, min(date) as first_day from silent_days group by school_id, known_on)
    where first_day <= $as_of::date
    group by school_id
),

final as (
    select
        board_classes.class_id,
        board_classes.section,
        orgs.name as school,
        board.student_id,
        board.name,
        board.sort_name,
        board.tier,
        board.uncertain,
        board.previous_tier,
        board.tier_order,
        board.n_flags,
        board.known_weeks,
        board.has_history,
        board.flag_a,
        board.flag_b,
        board.flag_c,
        board.att_is_chronic,
        board.grd_courses_failing,
        board.dsc_incidents_ytd,
        board.dsc_days_removed_ytd,
        if(board.grd_missing_rate_4w is null, null, coalesce(work.n_missing, 0)) as n_missing,
        if(board.grd_missing_rate_4w is null, null, coalesce(work.n_due, 0)) as n_due,
        board.att_absence_rate_1w is not null as has_attendance,  -- of this week
        if(board.att_absence_rate_1w is null, silence.first_day, null) as silent_since,
        board.grd_score_mean_4w is not null as has_marks,  -- of this school year
        board.days_absent_1w,
        board.attendance_weeks,
        round(1 - board.att_absence_rate_ytd, 3) as attendance,
        board.dsc_incidents_1w as incidents_1w,
        board.new_a,
        board.new_b,
        board.new_c
    from board_classes
    join mine using (class_id)
    join board using (student_id)
    join visible_students($viewer_user_id, $see_all, $school_ids, $as_of, $caseload_of)
        using (student_id)
    left join silence on silence.school_id = board.school_id
    left join orgs on orgs.org_id = board_classes.school_id
    left join work
        on work.class_id = board_classes.class_id and work.student_id = board_classes.student_id
)

select * from final order by section, class_id, sort_name, student_id
