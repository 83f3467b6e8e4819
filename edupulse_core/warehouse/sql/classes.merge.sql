insert into fresh.classes
select key, title, course_id, school_id, term_ids, periods from accepted;

insert into fresh.classes
from earlier.classes
where class_id not in (select key from accepted) and class_id not in (select key from gone);

create or replace temp table class_terms as   -- grain: one row per class
select
    class.class_id,
    min(session.start_date) as first_start,
    max(session.end_date) as last_end
from fresh.classes as class, unnest(class.term_ids) as term(session_id)
join fresh.academic_sessions as session using (session_id)
group by all
