insert into fresh.classes
select key, title, course_id, school_id, term_ids, periods, grades, true from accepted;

insert into fresh.classes
from earlier.classes
where class_id not in (select key from accepted) and class_id not in (select key from gone);

update fresh.classes
set is_school = len(
    list_filter(term_ids, lambda term: not list_contains(getvariable('not_school'), term))
) > 0;

create or replace temp table class_terms as   -- grain: one row per class
select
    class.class_id,
    min(session.start_date) as first_start,
    max(session.end_date) as last_end
from fresh.classes as class, unnest(class.term_ids) as term(session_id)
join fresh.academic_sessions as session using (session_id)
where not class.is_school or not list_contains(getvariable('not_school'), session.session_id)
group by all;

insert into fresh.own_subjects
select 'class', key, subject from accepted where subject is not null
union all
from earlier.own_subjects
where
    kind = 'class' and id in (select class_id from fresh.classes)
    and id not in (select key from accepted);

-- A course that names no subject has that of its first class that does.
update fresh.courses
set subject = coalesce(named.of_course, named.of_class, 'other')
from (
    select
        course.course_id,
        min(its.subject) as of_course,
        arg_min(theirs.subject, theirs.id) as of_class
    from fresh.courses as course
    left join fresh.own_subjects as its on its.kind = 'course' and its.id = course.course_id
    left join fresh.classes as class on class.course_id = course.course_id
    left join fresh.own_subjects as theirs
        on theirs.kind = 'class' and theirs.id = class.class_id
    group by course.course_id
) as named
where courses.course_id = named.course_id
