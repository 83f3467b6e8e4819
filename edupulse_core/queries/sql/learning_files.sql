-- grain: one row per file of learning records that ever came: rows that stand, students that they
-- are about, and the day of the newest one. Programs and the like are about nobody and have no day.
with

held as (
    select 'skills' as file, count(*) as n_rows, null::bigint as students, null::date as newest
    from skills
    union all
    select 'items', count(*), null, null
    from items
    union all
    select 'interactions', count(*), count(distinct student_id), max(answered_at)::date
    from interactions
    union all
    select 'resources', count(*), null, null
    from resources
    union all
    select 'ratings', count(*), count(distinct student_id), max(used_at)::date
    from ratings
    union all
    select 'study_sessions', count(*), count(distinct student_id), max(started_at)::date
    from study_sessions
    union all
    select 'learners', count(*), count(*), null
    from learners
    union all
    select 'programs', count(*), null, null
    from programs
    union all
    select 'applications', count(*), count(distinct student_id), max(applied_on)
    from applications
)

select held.*
from held
join has_records on has_records.name = held.file and has_records.present
