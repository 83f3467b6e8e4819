-- grain: one row per record of items.csv, with what is wrong with it.
create or replace table checked as
with

records as (
    select
        *,
        coalesce(row_number::bigint, rowid + 2) as record,
        as_ids(skillSourcedIds) as skill_ids
    from raw
),

named as (
    select record, unnest(skill_ids) as skill_id from records
),

unknown as (
    select distinct record from named where skill_id not in (select skill_id from fresh.skills)
),

final as (
    select
        record as row_number,
        sourcedId as key,
        null::date as anchor,
        skill_ids,
        as_text(title) as title,
        as_text(records.text) as body,
        as_number(difficulty) as difficulty,
        case
            when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
            when unfit_key(sourcedId) is not null then unfit_key(sourcedId)
            when len(skill_ids) = 0 then 'skillSourcedIds|empty'
            when record in (select record from unknown) then 'skillSourcedIds|unknown skill'
            else coalesce(
                unfit_name('title', title),
                unfit_text('text', records.text),
                unfit_range('difficulty', difficulty, 1, 5)
            )
        end as problem
    from records
)

from final
