-- One chunk of students, written behind the ones before it.

create or replace temp table written_rows as
select
    rows.row_no,
    chunk.student_id,
    date '1970-01-05' + rows.week_no * 7 as week_start,
    nullif(rows.school_year, 0) as school_year,
    schools.school_id,
    rows.position,
    rows.history_weeks,
    count_if(att_absence_rate_1w is not null or grd_score_mean_4w is not null)
        over (partition by rows.student_no order by rows.row_no rows 19 preceding)::integer
        as known_weeks,      -- of the weeks that a model looks at
    rows.n_days
from rows
join chunk using (student_no)
join schools using (school_no)
cross join ends
left join attendance_features using (row_no)
left join grade_features using (row_no)
where date '1970-01-05' + rows.week_no * 7 + 6 <= ends.rows_end;

insert into features.student_weeks
select student_id, week_start, school_year, school_id, position, history_weeks, known_weeks
from written_rows
order by row_no;

insert into features.features by name
select
    written_rows.student_id,
    written_rows.week_start,
    attendance_features.* exclude (row_no),
    grade_features.* exclude (row_no),
    discipline_features.* exclude (row_no)
from written_rows
left join attendance_features using (row_no)
left join grade_features using (row_no)
left join discipline_features using (row_no)
order by written_rows.row_no;

insert into features.outcomes by name
select written_rows.student_id, written_rows.week_start, labels.* exclude (row_no)
from written_rows
left join labels using (row_no)
order by written_rows.row_no;

insert into features.weekly by name
with

unknown as (
    select row_no, count(*) as n_unknown from unknown_days group by row_no
)

select
    written_rows.student_id,
    written_rows.week_start,
    written_rows.n_days as days_enrolled,
    if($has_attendance, written_rows.n_days - coalesce(n_unknown, 0), 0) as days_known,
    if(written_rows.n_days > coalesce(n_unknown, 0), week_attendance.days_absent, null)
        as days_absent,
    if(written_rows.n_days > coalesce(n_unknown, 0), week_attendance.n_tardies, null) as n_tardies,
    if(week_grades.no_marks, null, week_grades.n_results) as n_results,
    week_grades.total / nullif(week_grades.n_results, 0) as score_mean,
    if(week_grades.no_missing, null, week_grades.n_missing) as n_missing,
    if(week_discipline.no_incidents, null, week_discipline.n_incidents) as n_incidents,
    if(
        week_discipline.no_incidents
        or week_discipline.no_days_removed and week_discipline.n_removals > 0,
        null,
        week_discipline.days_removed
    ) as days_removed
from written_rows
left join unknown using (row_no)
left join week_attendance using (row_no)
left join week_grades using (row_no)
left join week_discipline using (row_no)
order by written_rows.row_no;
