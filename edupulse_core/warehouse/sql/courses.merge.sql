insert into fresh.courses select key, title, org_id, coalesce(subject, 'other') from accepted;

insert into fresh.courses
from earlier.courses
where course_id not in (select key from accepted) and course_id not in (select key from gone);

insert into fresh.own_subjects
select 'course', key, subject from accepted where subject is not null
union all
from earlier.own_subjects
where
    kind = 'course' and id in (select course_id from fresh.courses)
    and id not in (select key from accepted)
