-- Sentences that name a setting where the data suggest that the district's rules do not fit.
with

class_maxima as (
    select
        classes.school_id,
        line_items.class_id,
        count(*) as n_items,
        bool_and(line_items.value_max = 4) as is_four,
        coalesce(bool_and(class_rules.is_set), false) as is_set
    from fresh.line_items as line_items
    join fresh.classes as classes using (class_id)
    left join class_rules using (class_id)
    group by all
),

scales as (
    select
        school_id,
        count(*) as n_classes,
        count_if(is_four) as n_four
    from class_maxima
    group by school_id
    having count_if(is_four and not is_set) > 0 and sum(n_items) filter (is_four) >= 3
),

missed as (   -- how many classes a student missed on a day, of how many
    select
        classes.school_id,
        attendance.student_id,
        attendance.date,
        count(distinct attendance.class_id) as n_missed
    from fresh.attendance as attendance
    join fresh.classes as classes using (class_id)
    where attendance.status = 'absent'
    group by all
),

most as (
    select school_id, max(n_missed) as n_meeting from missed group by school_id
),

held as (
    select missed.school_id, missed.student_id, missed.date, count(distinct spans.class_id) as n_held
    from missed
    join most on most.school_id = missed.school_id and most.n_meeting = missed.n_missed
    join fresh.enrollment_spans as spans
        on spans.user_id = missed.student_id
        and spans.role = 'student'
        and spans.school_id = missed.school_id
        and missed.date >= spans.start_date
        and missed.date < spans.end_date
    group by all
),

timetables as (
    select
        most.school_id,
        most.n_meeting,
        (select min(n_held) from held where held.school_id = most.school_id) as n_held
    from most
    join missed using (school_id)
    join school_rules using (school_id)
    where n_meeting >= 2 and coalesce(school_rules.classes_a_day > n_meeting, true)
    group by all
    having
        count_if(n_missed = n_meeting) >= 5     -- whoever misses a whole day misses so many
        and 2 * count_if(n_missed = n_meeting) >= count(*)
),

session_students as (
    select
        session.session_id,
        count(distinct enrollment.user_id) as n_students
    from fresh.academic_sessions as session
    left join fresh.classes as class on class.term_ids = [session.session_id]
    left join fresh.enrollments as enrollment
        on enrollment.class_id = class.class_id and enrollment.role = 'student'
    group by all
),

year_students as (
    select session.school_year, count(distinct enrollment.user_id) as n_students
    from fresh.academic_sessions as session
    join fresh.classes as class on list_contains(class.term_ids, session.session_id)
    join fresh.enrollments as enrollment
        on enrollment.class_id = class.class_id and enrollment.role = 'student'
    group by all
),

holding as (   -- sessions within another one in which students have classes are parts of it
    select session.session_id
    from fresh.academic_sessions as session
    join fresh.academic_sessions as other
        on other.school_year = session.school_year
        and other.session_id <> session.session_id
        and other.start_date <= session.start_date
        and other.end_date >= session.end_date
    join session_students on session_students.session_id = other.session_id
    where session_students.n_students > 0
),

early as (   -- before every session of the year that does not hold it
    select session.session_id, session.title, session.start_date
    from fresh.academic_sessions as session
    join session_students using (session_id)
    join year_students using (school_year)
    join fresh.academic_sessions as other
        on other.school_year = session.school_year
        and other.session_id <> session.session_id
        and not (
            other.start_date <= session.start_date and other.end_date >= session.end_date
        )
    where
        not list_contains(getvariable('not_school'), session.session_id)
        and session.session_id not in (from holding)
        and 2 * session_students.n_students < year_students.n_students
    group by all
    having
        session.start_date + 14 <= min(other.start_date)
        and session.end_date < max(other.end_date)
)

select
    coalesce(orgs.name, school_id) || ': all work of ' || n_four || ' of ' || n_classes
    || ' classes has a maximum of 4. If these are grades from 1 to 4, say which of them fail: '
    || 'failing_below and points in a [[rules]] block of edupulse.toml.'
from scales
left join fresh.orgs as orgs on orgs.org_id = scales.school_id

union all

select
    coalesce(orgs.name, school_id) || ': students have ' || n_held
    || ' classes or more, but an absent student misses at most ' || n_meeting
    || ' in a day. If no more than that meet, set classes_a_day = ' || n_meeting
    || ' in a [[rules]] block of edupulse.toml.'
from timetables
left join fresh.orgs as orgs on orgs.org_id = timetables.school_id
where n_held > n_meeting

union all

select
    title || ' starts on ' || strftime(start_date, '%b %-d, %Y')
    || ', weeks before the other sessions of its school year, and few students have classes in it. If '
    || 'it is not school, write not_school = ["' || session_id || '"] in edupulse.toml.'
from early
