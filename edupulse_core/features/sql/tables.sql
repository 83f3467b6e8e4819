-- The features file: every table sorted by student_id and week_start.

create table features.student_weeks (
    student_id text, week_start date, school_year integer, school_id text,
    position integer,        -- of the row in its school year, from 1
    history_weeks integer,   -- rows of the student up to this one
    known_weeks integer      -- of the last 20 of them: those with attendance or grades known
);

create table features.features (
    student_id text, week_start date,
    att_absence_rate_1w double, att_absence_rate_4w double, att_absence_rate_ytd double,
    att_excused_days_1w double, att_unexcused_days_1w double, att_tardies_1w double,
    att_tardies_4w double, att_trend_4w double, att_volatility_8w double,
    att_longest_streak_ytd double, att_current_streak double, att_mon_fri_share_ytd double,
    att_weekday_concentration_ytd double, att_is_chronic double,
    grd_score_mean_1w double, grd_score_mean_4w double, grd_gpa_ytd double,
    grd_gpa_change_4w double, grd_trend_8w double, grd_volatility_8w double,
    grd_courses_failing double, grd_lowest_course double, grd_course_spread double,
    grd_missing_rate_4w double, grd_late_rate_4w double, grd_math_ytd double,
    grd_english_ytd double, grd_science_ytd double, grd_social_studies_ytd double,
    dsc_incidents_1w double, dsc_incidents_4w double, dsc_incidents_ytd double,
    dsc_severity_max_1w double, dsc_severity_mean_ytd double, dsc_severity_trend_8w double,
    dsc_acceleration_4w double, dsc_days_removed_4w double, dsc_days_removed_ytd double,
    dsc_weeks_since_last double, dsc_repeats_30d_ytd double, dsc_types_ytd double,
    dsc_referral_share_ytd double
);

create table features.outcomes (  -- all null where there is no label
    student_id text, week_start date,
    flag_a integer, flag_b integer, flag_c integer, severity double, tier text
);

create table features.weekly (  -- for timelines; null: unknown
    student_id text, week_start date,
    days_enrolled integer, days_known integer,  -- those whose attendance is known
    days_absent double, n_tardies integer, n_results integer, score_mean double,
    n_missing integer, n_incidents integer, days_removed double
);

create table features.made_by (fingerprint text);  -- of the thresholds and the SQL; written last
