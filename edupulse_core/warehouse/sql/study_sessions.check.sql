-- grain: one row per record of study_sessions.csv, with what is wrong with it.
create or replace table checked as
select
    coalesce(row_number::bigint, rowid + 2) as row_number,
    sourcedId as key,
    null::date as anchor,
    studentSourcedId as student_id,
    skillSourcedId as skill_id,
    as_moment(startedAt) as moment,
    as_number(hours) as hours,
    as_word(study_method, study_methods()) as study_method,
    as_word(environment, environments()) as environment,
    as_number(energy_level) as energy_level,
    as_number(distraction_level) as distraction_level,
    as_whole(breaks_taken) as breaks_taken,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when skillSourcedId not in (select skill_id from fresh.skills)
            then 'skillSourcedId|unknown skill'
        else coalesce(
            unfit_student(studentSourcedId),
            unfit_moment('startedAt', startedAt),
            case
                when not is_number(hours) then 'hours|not a number'
                when not (as_number(hours) > 0 and as_number(hours) <= 24)
                    then 'hours|not over 0 and at most 24'
            end,
            unfit_word('study_method', 'study method', study_method, study_methods()),
            unfit_word('environment', 'environment', environment, environments()),
            unfit_range('energy_level', energy_level, 1, 5),
            unfit_range('distraction_level', distraction_level, 1, 5),
            unfit_whole('breaks_taken', breaks_taken)
        )
    end as problem
from raw
