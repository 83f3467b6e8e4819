insert into fresh.classes
select key, title, course_id, school_id, term_ids, periods, grades from accepted;

insert into fresh.classes
from earlier.classes
where
    class_id not in (select key from accepted)
    and class_id not in (
        select class.class_id
        from earlier.classes as class, unnest(class.term_ids) as term(session_id)
        join earlier.academic_sessions as session using (session_id)
        join covered on session.start_date >= covered.start_date
        and session.start_date < covered.end_date
    );

create or replace temp table class_terms as   -- grain: one row per class
select
    class.class_id, min(session.start_date) as first_start, max(session.end_date) as last_end
from fresh.classes as class, unnest(class.term_ids) as term(session_id)
join fresh.academic_sessions as session using (session_id)
group by all
