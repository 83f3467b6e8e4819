-- The 14 attendance features.

-- grain: one row per student and school day with an attendance row. Shares are of a day.
create or replace temp table absences as
with

measured_days as (  -- whose school decides how long the day is
    select student_id, date, school_id
    from student_days
    where $has_school_minutes and student_id between $first_id and $last_id
),

marks as (
    select
        rows.student_no,
        rows.row_no,
        rows.year_no,
        rows.n_days + rows.days_before as days_to_date,
        rows.days_before + bit_count(rows.day_bits & ((2 << dates.weekday) - 1)) as day_no,
        dates.weekday,
        attendance.date,
        attendance.status,
        attendance.reason,
        attendance.class_id,
        attendance.class_id is null as is_day,
        coalesce(class_school.classes_a_day, $classes_a_day) as classes_a_day,
        attendance.minutes_missed
            / coalesce(class_school.minutes_a_day, day_school.minutes_a_day, $minutes_a_day)
            as share_of_minutes
    from attendance
    join chunk using (student_id)
    join dates using (date)
    left join numbered_classes as classes using (class_id)
    left join school_rules as class_school on class_school.school_id = classes.school_id
    left join measured_days as day_days
        on day_days.student_id = if(attendance.class_id is null, attendance.student_id, null)
        and day_days.date = attendance.date
    left join school_rules as day_school on day_school.school_id = day_days.school_id
    join rows
        on rows.student_no = chunk.student_no
        and rows.week_no = dates.week_no
        and rows.school_year = dates.school_year
        and rows.day_bits & (1 << dates.weekday) > 0    -- a day they were enrolled
    where attendance.student_id between $first_id and $last_id
),

period_days as (
    select distinct student_no, date
    from marks
    where not is_day and status in ('absent', 'partial')
),

class_counts as (
    select period_days.student_no, period_days.date, count(distinct spans.class_id) as n_classes
    from period_days
    join chunk using (student_no)
    join enrollment_spans as spans
        on spans.user_id = chunk.student_id
        and spans.role = 'student'
        and spans.start_date <= period_days.date
        and spans.end_date > period_days.date
    join school_days
        on school_days.school_id = spans.school_id and school_days.date = period_days.date
    group by all
),

counted as (
    select marks.*, least(n_classes, classes_a_day) as n_meeting  -- classes of the student that day
    from marks
    left join class_counts using (student_no, date)
),

shares as (
    select
        *,
        least(
            case
                when status = 'absent' and is_day then 1
                when status = 'absent' then coalesce(share_of_minutes, 1 / n_meeting)
                when status = 'partial' and is_day then coalesce(share_of_minutes, 0.5)
                when status = 'partial' then coalesce(share_of_minutes, 0.5 / n_meeting)
                else 0
            end,
            1
        ) as share
    from counted
),

days as (
    select
        student_no,
        row_no,
        year_no,
        day_no,
        days_to_date,
        weekday,
        date,
        bool_or(is_day and status <> 'tardy') as has_day,
        count_if(status = 'tardy') as n_tardies,
        coalesce(sum(share) filter (is_day), 0) as day_share,
        coalesce(sum(share) filter (is_day and reason = 'excused'), 0) as day_excused,
        coalesce(sum(share) filter (is_day and reason = 'unexcused'), 0) as day_unexcused,
        count(distinct class_id) filter (status = 'absent') >= max(n_meeting) as is_whole,
        count_if(not is_day and status = 'absent') as n_absent,
        count_if(not is_day and status = 'absent' and reason = 'excused') as n_excused,
        count_if(not is_day and status = 'absent' and reason = 'unexcused') as n_unexcused,
        coalesce(sum(share) filter (not is_day), 0) as period_share,
        coalesce(sum(share) filter (not is_day and reason = 'excused'), 0) as period_excused,
        coalesce(sum(share) filter (not is_day and reason = 'unexcused'), 0) as period_unexcused
    from shares
    group by all
),

chosen as (  -- who missed every class missed the day, whatever the minutes say
    select
        days.* exclude (is_whole),
        case
            when has_day then day_share
            when is_whole and period_share < 1 then 1
            else period_share
        end as raw,
        case
            when has_day then day_excused
            when not coalesce(is_whole, false) or period_share >= 1 then period_excused
            when period_share > 0 then period_excused / period_share
            else n_excused / n_absent
        end as raw_excused,
        case
            when has_day then day_unexcused
            when not coalesce(is_whole, false) or period_share >= 1 then period_unexcused
            when period_share > 0 then period_unexcused / period_share
            else n_unexcused / n_absent
        end as raw_unexcused
    from days
),

final as (
    select
        student_no,
        row_no,
        year_no,
        day_no,
        days_to_date,
        weekday,
        date,
        n_tardies,
        least(raw, 1) as absent,
        raw_excused / greatest(raw, 1) as excused,
        raw_unexcused / greatest(raw, 1) as unexcused,
        rounded(raw) >= 1 as is_full
    from chosen
)

select * from final;

-- grain: one row per student and enrolled day of unknown attendance; lag is the number of rows after the
-- day's own until it was known to be unknown, null when the year ended first.
create or replace temp table unknown_days as
with

final as (
    select
        rows.student_no,
        rows.row_no,
        rows.week_no,
        dates.weekday = rows.last_weekday as is_last_day,
        case
            when known.year_end_no = rows.year_end_no then greatest(known.row_no - rows.row_no, 0)
            when known_dates.week_no <= rows.year_end_week_no then rows.year_end_no - rows.row_no
        end as lag
    from silent_days
    join student_days using (school_id, date)
    join chunk using (student_id)
    join dates using (date)
    join rows
        on rows.student_no = chunk.student_no
        and rows.week_no = dates.week_no
        and rows.school_year = dates.school_year
    left join dates as known_dates  -- a day of a feed that is silent already is unknown at once
        on known_dates.date = greatest(silent_days.known_on, silent_days.date)
    left join row_of_week as known
        on known.student_no = chunk.student_no and known.week_key = known_dates.week_key
    anti join absences
        on absences.student_no = chunk.student_no and absences.date = student_days.date
    where student_days.student_id between $first_id and $last_id
)

select * from final;

-- grain: one row per row. known_k: days of the row whose attendance is known k rows later.
create or replace temp table week_attendance as
with

absent as (
    select
        row_no,
        sum(absent) as days_absent,
        sum(excused) as days_excused,
        sum(unexcused) as days_unexcused,
        sum(n_tardies) as n_tardies,
        sum(absent) filter (weekday = 0) as on_monday,
        sum(absent) filter (weekday = 1) as on_tuesday,
        sum(absent) filter (weekday = 2) as on_wednesday,
        sum(absent) filter (weekday = 3) as on_thursday,
        sum(absent) filter (weekday = 4) as on_friday,
        sum(absent) filter (weekday = 5) as on_saturday,
        sum(absent) filter (weekday = 6) as on_sunday
    from absences
    group by row_no
),

unknown as (
    select
        row_no,
        count_if(lag <= 0) as unknown_0,
        count_if(lag <= 1) as unknown_1,
        count_if(lag <= 2) as unknown_2,
        count_if(lag <= 3) as unknown_3,
        count_if(lag <= 4) as unknown_4,
        count_if(lag <= 5) as unknown_5,
        count_if(lag <= 6) as unknown_6,
        count_if(lag <= 7) as unknown_7,
        bool_or(is_last_day and lag = 0) as is_last_day_unknown
    from unknown_days
    group by row_no
),

learned as (  -- days that this row first knows to be unknown
    select row_no + lag as row_no, count(*) as n_learned
    from unknown_days
    where lag is not null
    group by all
),

full_days as (
    select
        row_no,
        year_no,
        day_no,
        days_to_date,
        day_no - row_number() over (partition by year_no order by day_no) as run_no
    from absences
    where is_full
),

runs as (
    select
        row_no,
        day_no = days_to_date as is_last_day,
        row_number() over (partition by year_no, run_no order by day_no) as days
    from full_days
),

streaks as (
    select row_no, max(days) as longest, max(days) filter (is_last_day) as current
    from runs
    group by row_no
),

final as (
    select
        rows.row_no,
        rows.year_no,
        rows.student_no,
        rows.week_no,
        rows.n_days,
        rows.n_days + rows.days_before as days_to_date,
        coalesce(days_absent, 0)::double as days_absent,
        coalesce(days_excused, 0)::double as days_excused,
        coalesce(days_unexcused, 0)::double as days_unexcused,
        coalesce(n_tardies, 0)::integer as n_tardies,
        coalesce(on_monday, 0)::double as on_monday,
        coalesce(on_tuesday, 0)::double as on_tuesday,
        coalesce(on_wednesday, 0)::double as on_wednesday,
        coalesce(on_thursday, 0)::double as on_thursday,
        coalesce(on_friday, 0)::double as on_friday,
        coalesce(on_saturday, 0)::double as on_saturday,
        coalesce(on_sunday, 0)::double as on_sunday,
        (rows.n_days - coalesce(unknown_0, 0))::integer as known_0,
        (rows.n_days - coalesce(unknown_1, 0))::integer as known_1,
        (rows.n_days - coalesce(unknown_2, 0))::integer as known_2,
        (rows.n_days - coalesce(unknown_3, 0))::integer as known_3,
        (rows.n_days - coalesce(unknown_4, 0))::integer as known_4,
        (rows.n_days - coalesce(unknown_5, 0))::integer as known_5,
        (rows.n_days - coalesce(unknown_6, 0))::integer as known_6,
        (rows.n_days - coalesce(unknown_7, 0))::integer as known_7,
        coalesce(n_learned, 0)::integer as n_learned,
        coalesce(is_last_day_unknown, false) as is_last_day_unknown,
        coalesce(longest, 0)::integer as longest_run,
        coalesce(current, 0)::integer as current_run
    from rows
    left join absent using (row_no)
    left join unknown using (row_no)
    left join learned using (row_no)
    left join streaks using (row_no)
    where $has_attendance
)

select * from final;

-- grain: one row per row; null where nothing of the window is known.
create or replace temp table attendance_features as
with

windows as (
    select
        row_no,
        n_tardies,
        days_excused,
        days_unexcused,
        current_run,
        is_last_day_unknown,
        known_0 as known_1w,
        sum(n_tardies) over month as tardies_4w,
        sum(days_absent) over month as absent_4w,
        sum(days_absent) over year as absent_ytd,
        days_to_date - sum(n_learned) over year as known_ytd,
        max(longest_run) over year as longest_run,
        sum(on_monday) over year as on_monday,
        sum(on_tuesday) over year as on_tuesday,
        sum(on_wednesday) over year as on_wednesday,
        sum(on_thursday) over year as on_thursday,
        sum(on_friday) over year as on_friday,
        sum(on_saturday) over year as on_saturday,
        sum(on_sunday) over year as on_sunday,
        known_0
            + coalesce(lag(known_1, 1) over year, 0)
            + coalesce(lag(known_2, 2) over year, 0)
            + coalesce(lag(known_3, 3) over year, 0) as known_4w,
        days_absent / nullif(known_0, 0) as rate_0,
        lag(days_absent, 1) over year / nullif(lag(known_1, 1) over year, 0) as rate_1,
        lag(days_absent, 2) over year / nullif(lag(known_2, 2) over year, 0) as rate_2,
        lag(days_absent, 3) over year / nullif(lag(known_3, 3) over year, 0) as rate_3,
        lag(days_absent, 4) over year / nullif(lag(known_4, 4) over year, 0) as rate_4,
        lag(days_absent, 5) over year / nullif(lag(known_5, 5) over year, 0) as rate_5,
        lag(days_absent, 6) over year / nullif(lag(known_6, 6) over year, 0) as rate_6,
        lag(days_absent, 7) over year / nullif(lag(known_7, 7) over year, 0) as rate_7
    from week_attendance
    window
        year as (partition by year_no order by row_no rows unbounded preceding),
        month as (partition by year_no order by row_no rows 3 preceding)
),

final as (
    select
        row_no,
        rate_0 as att_absence_rate_1w,
        absent_4w / nullif(known_4w, 0) as att_absence_rate_4w,
        absent_ytd / nullif(known_ytd, 0) as att_absence_rate_ytd,
        if(known_1w > 0, days_excused, null) as att_excused_days_1w,
        if(known_1w > 0, days_unexcused, null) as att_unexcused_days_1w,
        if(known_1w > 0, n_tardies, null) as att_tardies_1w,
        if(known_4w > 0, tardies_4w, null) as att_tardies_4w,
        if(known_4w > 0, coalesce(slope_of_4(rate_3, rate_2, rate_1, rate_0), 0), null)
            as att_trend_4w,
        spread_of_8(rate_0, rate_1, rate_2, rate_3, rate_4, rate_5, rate_6, rate_7)
            as att_volatility_8w,
        if(known_ytd > 0, longest_run, null) as att_longest_streak_ytd,
        if(is_last_day_unknown, null, current_run) as att_current_streak,
        if(
            known_ytd > 0,
            coalesce(least(on_monday + on_friday, absent_ytd) / nullif(absent_ytd, 0), 0),
            null
        ) as att_mon_fri_share_ytd,
        if(
            known_ytd > 0,
            coalesce(
                greatest(
                    on_monday, on_tuesday, on_wednesday, on_thursday, on_friday, on_saturday, on_sunday
                ) / nullif(absent_ytd, 0),
                0
            ),
            null
        ) as att_weekday_concentration_ytd,
        case
            when known_ytd <= 0 then null
            when known_ytd < $min_days_enrolled then 0
            else flag_a(absent_ytd / known_ytd, $chronic_rate)::integer
        end as att_is_chronic
    from windows
)

select * from final;
