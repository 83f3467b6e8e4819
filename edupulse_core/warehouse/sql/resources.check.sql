-- grain: one row per record of resources.csv, with what is wrong with it.
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
        title,
        as_word(kind, content_types()) as kind,
        skill_ids,
        as_text(records.text) as body,
        as_number(difficulty) as difficulty,
        as_number(minutes) as minutes,
        bare(as_text(url)) as url,
        case
            when deletes(status, not is_blank(sourcedId)) then 'status|tobedeleted'
            when record in (select record from unknown) then 'skillSourcedIds|unknown skill'
            else coalesce(
                unfit_key(sourcedId),
                unfit_title(title),
                unfit_word('kind', 'kind', kind, content_types()),
                unfit_text('text', records.text),
                unfit_range('difficulty', difficulty, 1, 5),
                unfit_amount('minutes', minutes),
                unfit('url', url, 2000),
                case
                    when not is_blank(url)
                        and not regexp_full_match(lower(bare(url)), 'https?://[^\s/][^\s]*')
                        then 'url|not a web address (https://… or http://…)'
                end
            )
        end as problem
    from records
)

from final
