-- grain: one row per record of demographics.csv, with what is wrong with it.
create or replace table checked as
with

races as (
    select
        *,
        rowid + 2 as position,
        list_filter(
            [
                case when as_truth(americanIndianOrAlaskaNative) then 'american_indian' end,
                case when as_truth(asian) then 'asian' end,
                case when as_truth(blackOrAfricanAmerican) then 'black' end,
                case when as_truth(nativeHawaiianOrOtherPacificIslander) then 'pacific_islander' end,
                case when as_truth(white) then 'white' end,
            ],
            lambda race: race is not null
        ) as named
    from raw
)

select
    coalesce(row_number::bigint, position) as row_number,
    sourcedId as key,
    null::date as anchor,
    as_day(birthDate) as birth_date,
    coalesce(as_word(sex, ['male', 'female', 'other', 'unspecified']), as_text(sex)) as sex,
    case
        when as_truth(hispanicOrLatinoEthnicity) then 'hispanic'
        when as_truth(demographicRaceTwoOrMoreRaces) or len(named) > 1 then 'two_or_more'
        else named[1]
    end as race,
    as_truth("metadata.englishLearner") as english_learner,
    as_truth("metadata.disability") as disability,
    as_text("metadata.mealStatus") as meal_status,
    case
        when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
        when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
        when sourcedId not in (select user_id from fresh.users) then 'sourcedId|unknown user'
        when not is_blank(birthDate) and not is_day(birthDate)
            then 'birthDate|not a date (yyyy-mm-dd)'
    end as problem
from races;

insert into doubts
select 'demographics', column_name, count(*), 'unknown'
from raw
unpivot (
    found for column_name in (
        americanIndianOrAlaskaNative, asian, blackOrAfricanAmerican,
        nativeHawaiianOrOtherPacificIslander, white, demographicRaceTwoOrMoreRaces,
        hispanicOrLatinoEthnicity, "metadata.englishLearner", "metadata.disability"
    )
)
where not is_blank(found) and not is_truth(found)
group by column_name
