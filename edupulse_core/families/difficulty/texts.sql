-- grain: one row per text of the district: the resources, then the items. Texts carry no date.
-- level: null where nobody has said how hard it is.
with

resource_texts as (
    select
        'resource ' || resource_id as text_id,
        concat_ws(chr(10), title, body) as text,
        difficulty as level,
        coalesce(kind, 'other') as kind,
        coalesce(skill_ids[1], '') as skill_id,
        body is not null and length(trim(body)) > 0 as has_body,
    from resources
),

item_texts as (
    select
        'item ' || item_id as text_id,
        concat_ws(chr(10), title, body) as text,
        difficulty as level,
        'item' as kind,
        coalesce(skill_ids[1], '') as skill_id,
        body is not null and length(trim(body)) > 0 as has_body,
    from items
),

final as (
    select text_id, text, level, kind, coalesce(skills.subject, 'unknown') as subject
    from (select * from resource_texts union all select * from item_texts) as texts
    left join skills using (skill_id)
    where has_body
)

select * from final
order by text_id
