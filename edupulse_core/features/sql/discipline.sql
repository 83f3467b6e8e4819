-- The 13 discipline features.

-- grain: one row per incident that has a row to count in; a break leads to the next row of the year.
create or replace temp table counted_incidents as
with

dated as (
    select
        row_of_week.row_no,
        row_of_week.year_end_no,
        incidents.incident_id,
        incidents.date,
        lower(trim(incidents.type)) as kind,  -- spellings of one word are one kind
        incidents.severity,
        incidents.days_removed,
        incidents.action = 'referral' as is_referral,
        is_removal(incidents.action) as is_removal
    from incidents
    join chunk using (student_id)
    join dates using (date)
    join row_of_week
        on row_of_week.student_no = chunk.student_no and row_of_week.week_key = dates.week_key
    where incidents.student_id between $first_id and $last_id
),

final as (
    select
        *,
        coalesce(date - lag(date) over year <= $repeat_days, false) as is_repeat,
        row_number() over (partition by year_end_no, kind order by date, incident_id) = 1
            as is_new_type
    from dated
    window year as (partition by year_end_no order by date, incident_id)
)

select * from final;

-- grain: one row per row.
create or replace temp table week_discipline as
with

counted as (
    select
        row_no,
        count(*) as n_incidents,
        max(severity) as severity_max,
        sum(severity) as severity_sum,
        coalesce(sum(days_removed) filter (is_removal), 0) as days_removed,
        count_if(is_removal) as n_removals,
        count_if(is_repeat) as n_repeats,
        count_if(is_new_type) as n_new_types,
        count_if(is_referral or is_removal) as n_referrals
    from counted_incidents
    group by row_no
),

final as (
    select
        rows.row_no,
        rows.year_no,
        coalesce(n_incidents, 0)::integer as n_incidents,
        coalesce(severity_max, 0)::integer as severity_max,
        coalesce(severity_sum, 0)::integer as severity_sum,
        coalesce(days_removed, 0)::double as days_removed,
        coalesce(n_removals, 0)::integer as n_removals,
        coalesce(n_repeats, 0)::integer as n_repeats,
        coalesce(n_new_types, 0)::integer as n_new_types,
        coalesce(n_referrals, 0)::integer as n_referrals,
        coalesce(no_incidents, false) as no_incidents,
        coalesce(no_days_removed, false) as no_days_removed
    from rows
    left join counted using (row_no)
    left join unknown_here using (school_no, week_no)
    where $has_incidents
)

select * from final;

-- grain: one row per row; null where the school sent nothing that tells.
create or replace temp table discipline_features as
with

windows as (
    select
        row_no,
        n_incidents,
        severity_max,
        no_incidents,
        no_days_removed and sum(n_removals) over month > 0 as no_days_4w,
        no_days_removed and sum(n_removals) over year > 0 as no_days_ytd,
        sum(n_incidents) over month as incidents_4w,
        sum(n_incidents) over term as incidents_8w,
        sum(n_incidents) over year as incidents_ytd,
        sum(severity_sum) over term as severity_8w,
        sum(severity_sum) over year as severity_ytd,
        sum(days_removed) over month as days_removed_4w,
        sum(days_removed) over year as days_removed_ytd,
        row_no - max(if(n_incidents > 0, row_no, null)) over year as weeks_since_last,
        sum(n_repeats) over year as repeats_ytd,
        sum(n_new_types) over year as types_ytd,
        sum(n_referrals) over year as referrals_ytd
    from week_discipline
    window
        year as (partition by year_no order by row_no rows unbounded preceding),
        term as (partition by year_no order by row_no rows 7 preceding),
        month as (partition by year_no order by row_no rows 3 preceding)
),

counted as (
    select
        row_no,
        no_incidents,
        n_incidents as dsc_incidents_1w,
        incidents_4w as dsc_incidents_4w,
        incidents_ytd as dsc_incidents_ytd,
        severity_max as dsc_severity_max_1w,
        coalesce(severity_ytd / nullif(incidents_ytd, 0), 0) as dsc_severity_mean_ytd,
        coalesce(severity_8w / nullif(incidents_8w, 0), 0)
            - coalesce(
                (severity_ytd - severity_8w) / nullif(incidents_ytd - incidents_8w, 0), 0
            ) as dsc_severity_trend_8w,
        incidents_4w - (incidents_8w - incidents_4w) as dsc_acceleration_4w,
        if(no_days_4w, null, days_removed_4w) as dsc_days_removed_4w,
        if(no_days_ytd, null, days_removed_ytd) as dsc_days_removed_ytd,
        least(coalesce(weeks_since_last, $never_weeks), $never_weeks) as dsc_weeks_since_last,
        repeats_ytd as dsc_repeats_30d_ytd,
        types_ytd as dsc_types_ytd,
        coalesce(referrals_ytd / nullif(incidents_ytd, 0), 0) as dsc_referral_share_ytd
    from windows
),

final as (
    select row_no, if(no_incidents, null, columns(* exclude (row_no, no_incidents)))
    from counted
)

select * from final;
